"""A screen reader, as far as programs can tell: it has the desktop make its tree of accessible objects, prints it whenever a
line comes in (a line of JSON for each object, and a line with a dot at the end), and prints what it is told to say."""
import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402

STATES = {"selected": Atspi.StateType.SELECTED, "focused": Atspi.StateType.FOCUSED}


def show(line):
    print(json.dumps(line), flush=True)


def walk(node, parents):
    states = node.get_state_set()
    attributes = node.get_attributes() or {}
    show({
        "role": node.get_role_name(),
        "name": node.get_name(),
        "in": parents,
        "position": [attributes.get("posinset"), attributes.get("setsize")],
        "states": [name for name, state in STATES.items() if states.contains(state)],
    })
    parents = [*parents, node.get_role_name()]
    for child in (node.get_child_at_index(index) for index in range(node.get_child_count())):
        if child:
            walk(child, parents)


def on_line(*_):
    if not sys.stdin.readline():
        Atspi.event_quit()
        return False
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        program = desktop.get_child_at_index(index)
        if program and program.get_name() == "hoist":
            walk(program, [])
    print(".", flush=True)
    return True


bus = Gio.bus_get_sync(Gio.BusType.SESSION)
for name in ["IsEnabled", "ScreenReaderEnabled"]:
    value = GLib.Variant("(ssv)", ("org.a11y.Status", name, GLib.Variant("b", True)))
    at = ("org.a11y.Bus", "/org/a11y/bus", "org.freedesktop.DBus.Properties", "Set", value)
    bus.call_sync(*at, None, Gio.DBusCallFlags.NONE, -1, None)
Atspi.init()
listener = Atspi.EventListener.new(lambda event: show({"said": event.any_data}))
listener.register("object:announcement")
GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, on_line)
Atspi.event_main()
