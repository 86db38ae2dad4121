//! The gallery of every widget.

use eframe::egui::{Role, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::ui::Gallery;

use crate::renderer;

#[test]
fn every_widget_is_there_in_both_themes_and_has_a_name() {
    let mut gallery = Harness::builder()
        .with_size(vec2(1160.0, 1700.0))
        .renderer(renderer::SoftwareRenderer::default())
        .build_eframe(|cc| Gallery::new(&cc.egui_ctx));
    gallery.run_steps(3);
    assert_eq!(gallery.unnamed_widgets(), Vec::<String>::new());
    for name in ["Primary", "Secondary", "Quiet", "Danger"] {
        assert_eq!(gallery.query_all_by_role_and_label(Role::Button, name).count(), 12, "{name}");
    }
    let toggled = |gallery: &Harness<'_, Gallery>, name: &str| {
        let all = gallery.query_all_by_label(name);
        all.filter(|node| node.accesskit_node().toggled() == Some(true.into())).count()
    };
    assert_eq!((toggled(&gallery, "Theme: Light"), toggled(&gallery, "Theme: Dark")), (2, 0));
    gallery.query_all_by_label("Theme: Dark").next().unwrap().click();
    gallery.run_steps(3);
    assert_eq!((toggled(&gallery, "Theme: Light"), toggled(&gallery, "Theme: Dark")), (0, 2));
}
