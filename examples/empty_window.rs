//! The empty window that Hoist's own is compared with: says on stdout when its first frame is drawn, and stays.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use eframe::egui;

struct Empty(Option<Instant>);

impl eframe::App for Empty {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        egui::CentralPanel::default().show(ui, |_| {});
        if let Some(began) = self.0.take() {
            println!("{}", began.elapsed().as_millis());
        }
    }
}

fn main() -> eframe::Result {
    let began = Instant::now();
    let native = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default().with_inner_size([1160.0, 740.0]),
        renderer: eframe::Renderer::Glow,
        ..eframe::NativeOptions::default()
    };
    eframe::run_native("empty", native, Box::new(move |_| Ok(Box::new(Empty(Some(began))))))
}
