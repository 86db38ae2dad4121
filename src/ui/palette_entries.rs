//! Everything that the palette finds: commands, destinations and settings.

use std::sync::Arc;

use eframe::egui::Context;
use lucide_icons::Icon;

use super::action::{Action, Page, Setting};
use super::app::App;
use super::command::WindowCommand;
use super::command_actions::CommandState;
use super::palette::PaletteEntry;
use super::row;
use super::settings;
use crate::session::api::{Destination, Item, provider, text};
use crate::session::choices::can_be_redirected;
use crate::session::copy_choices::{copied_as, copy_choices};

impl App {
    /// Lists everything by its name, as things stand.
    pub(super) fn palette_entries(&self, ctx: &Context) -> Vec<PaletteEntry> {
        let groups = WindowCommand::GROUPS.into_iter();
        let commands = groups.flat_map(|(group, all)| all.iter().map(move |command| (group, *command)));
        let mut entries: Vec<_> =
            commands.filter_map(|(group, command)| self.command_entry(ctx, group, command)).collect();
        entries.extend(self.fit_entries());
        entries.extend(self.destination_entries());
        entries.extend(self.format_entries());
        entries.extend(self.theme_entries());
        entries.extend(settings::ROWS.map(|name| PaletteEntry {
            group: "Settings",
            icon: Icon::Settings2,
            label: name.to_owned(),
            detail: "Setting".to_owned(),
            synonyms: settings::synonyms(name),
            keys: String::new(),
            does: Ok(vec![Action::ShowSetting(name)]),
        }));
        entries.extend(self.destination_options());
        entries
    }

    fn command_entry(
        &self,
        ctx: &Context,
        group: &'static str,
        command: WindowCommand,
    ) -> Option<PaletteEntry> {
        if command == WindowCommand::FindCommand {
            return None; // this is where it leads
        }
        let does = match (self.command_state(command), command.page()) {
            (CommandState::Absent, _) => return None,
            (CommandState::Impossible(why), _) => Err(why),
            (CommandState::Possible(actions), Some(page)) if page != self.pages.shown => {
                Ok([vec![Action::Page(page)], actions].concat())
            }
            (CommandState::Possible(actions), _) => Ok(actions),
        };
        Some(PaletteEntry {
            group,
            icon: command.icon(),
            label: command.label().to_owned(),
            detail: match command {
                WindowCommand::Copy | WindowCommand::CopyUploaded => {
                    format!("As {}", copied_as(self.session.keys.settings()))
                }
                _ => String::new(),
            },
            synonyms: match command {
                WindowCommand::Remove => "delete",
                WindowCommand::SendTo => "duplicate move redirect",
                WindowCommand::Fix => "convert resize compress",
                WindowCommand::Details => "metadata preview",
                _ => "",
            },
            keys: command.key(ctx),
            does,
        })
    }

    /// Lists what can be done with a copy in place of the file that is selected in the queue.
    fn fit_entries(&self) -> Vec<PaletteEntry> {
        let selected = self.list.selection.single().filter(|_| self.pages.shown == Page::Upload);
        let Some(item) = selected.and_then(|id| self.session.uploads.queue().get(id)) else { return vec![] };
        row::fit_choices(item)
            .into_iter()
            .map(|(icon, label, action)| PaletteEntry {
                group: "Selected files",
                icon,
                label,
                detail: item.name.clone(),
                synonyms: "convert resize compress",
                keys: String::new(),
                does: Ok(vec![action]),
            })
            .collect()
    }

    /// Lists what can be copied of results from now on.
    fn format_entries(&self) -> impl Iterator<Item = PaletteEntry> {
        copy_choices(self.session.keys.settings()).into_iter().map(|choice| PaletteEntry {
            group: "Settings",
            icon: Icon::Copy,
            label: format!("Copy results as {}", choice.label()),
            detail: "Copy format".to_owned(),
            synonyms: "",
            keys: String::new(),
            does: match choice.is_chosen {
                true => Err("Results are copied so already"),
                false => Ok(vec![Action::Set(Setting::CopyAs(choice))]),
            },
        })
    }

    /// Lists the themes.
    fn theme_entries(&self) -> impl Iterator<Item = PaletteEntry> {
        let now = self.session.keys.settings().theme;
        settings::THEMES.into_iter().map(move |(theme, name)| PaletteEntry {
            group: "Settings",
            icon: Icon::SunMoon,
            label: format!("{name} theme"),
            detail: String::new(),
            synonyms: "mode appearance",
            keys: String::new(),
            does: match theme == now {
                true => Err("It is the theme already"),
                false => Ok(vec![Action::Set(Setting::Theme(theme))]),
            },
        })
    }

    /// Lists the destinations: for new files, and for those that are selected in the queue.
    fn destination_entries(&self) -> Vec<PaletteEntry> {
        let keys = &self.session.keys;
        let selected: Vec<&Item> = match self.pages.shown {
            Page::Upload => {
                let items = self.selected().into_iter().filter_map(|id| self.session.uploads.queue().get(id));
                items.filter(|item| can_be_redirected(&item.state)).collect()
            }
            _ => vec![],
        };
        let accepting = keys.destination_choices(&selected);
        let ids: Vec<_> = selected.iter().map(|item| item.request.id).collect();
        let mut entries = vec![];
        for (index, destination) in keys.destinations().iter().enumerate() {
            let Some(facts) = provider::by_id(&destination.provider).map(|p| p.facts()) else { continue };
            let entry = |files: &str, does| PaletteEntry {
                group: "Send to",
                icon: facts.mark.icon,
                label: format!("Send {files} to {} · {}", facts.name, keys.account_label(destination)),
                detail: String::new(),
                synonyms: "",
                keys: String::new(),
                does,
            };
            let is_theirs = selected.iter().all(|item| item.request.destination == *destination);
            if !selected.is_empty() && !is_theirs {
                let files = text::count(selected.len(), "selected file");
                let accepts = accepting.iter().any(|choice| choice.index == index);
                let send = || vec![Action::SendTo(ids.clone(), index)];
                let why_not = "The provider does not accept all of them";
                entries.push(entry(&files, accepts.then(send).ok_or(why_not)));
            }
            let is_chosen = keys.chosen().is_some_and(|chosen| Arc::ptr_eq(chosen, destination));
            let choose = || vec![Action::Choose(index)];
            entries.push(entry("new files", (!is_chosen).then(choose).ok_or("They go there already")));
        }
        entries
    }

    /// Lists what can be changed of a destination, found by what it is about: first the one for new files.
    fn destination_options(&self) -> Vec<PaletteEntry> {
        let keys = &self.session.keys;
        let mut all: Vec<_> = keys.destinations().iter().collect();
        let is_other = |to: &&Arc<Destination>| keys.chosen().is_none_or(|chosen| !Arc::ptr_eq(chosen, to));
        all.sort_by_key(is_other);
        let entry = |to: &Arc<Destination>| {
            let facts = provider::by_id(&to.provider)?.facts();
            Some(PaletteEntry {
                group: "Destinations",
                icon: facts.mark.icon,
                label: format!("Name and options of {} · {}", facts.name, keys.account_label(to)),
                detail: "Fit files, remove location (GPS) and camera data".to_owned(),
                synonyms: "rename edit metadata",
                keys: String::new(),
                does: Ok(vec![Action::EditDestination(to.name.clone())]),
            })
        };
        all.into_iter().filter_map(entry).collect()
    }
}
