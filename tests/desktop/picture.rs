//! What the screen shows, and where a colour is in it.

use super::desktop::Desktop;

/// A colour: red, green, blue.
pub(crate) type Colour = [u8; 3];

/// How far a colour may be off: drawing in software and small pictures round.
const OFF: u8 = 12;

/// Fewer points than these are no icon.
const FEWEST: usize = 300;

/// A picture of the whole screen.
#[derive(PartialEq, Eq)]
pub(crate) struct Picture {
    width: u32,
    points: Vec<u8>,
}

/// Where a colour is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) left: i32,
    pub(crate) top: i32,
    pub(crate) right: i32,
    pub(crate) bottom: i32,
    /// How many points have it.
    pub(crate) points: usize,
}

impl Found {
    pub(crate) fn middle(self) -> (i32, i32) {
        (i32::midpoint(self.left, self.right), i32::midpoint(self.top, self.bottom))
    }
}

fn is(a: &[u8], b: Colour) -> bool {
    a.iter().zip(b).all(|(a, b)| a.abs_diff(b) <= OFF)
}

impl Picture {
    pub(crate) fn take(desktop: &Desktop, (width, height): (u32, u32)) -> Picture {
        let points = desktop.run("import", &["-window", "root", "-depth", "8", "rgb:-"]).stdout;
        assert_eq!(points.len(), (width * height * 3) as usize, "no picture of the screen was to be had");
        Picture { width, points }
    }

    /// Where a colour is; the points that had it in an earlier picture do not count.
    pub(crate) fn find(&self, colour: Colour, before: Option<&Picture>) -> Option<Found> {
        let mut found = Found { left: i32::MAX, top: i32::MAX, right: 0, bottom: 0, points: 0 };
        for (i, point) in self.points.chunks_exact(3).enumerate() {
            let is_old = || before.is_some_and(|b| is(&b.points[i * 3..i * 3 + 3], colour));
            if is(point, colour) && !is_old() {
                let (x, y) = ((i as u32 % self.width) as i32, (i as u32 / self.width) as i32);
                found.left = found.left.min(x);
                found.right = found.right.max(x);
                found.top = found.top.min(y);
                found.bottom = found.bottom.max(y);
                found.points += 1;
            }
        }
        (found.points >= FEWEST).then_some(found)
    }

    /// Where the window with this ground begins: its left edge is the first column with a run of it that is this long.
    pub(crate) fn window(&self, ground: Colour, shortest: u32) -> Option<(i32, i32)> {
        let height = self.points.len() as u32 / 3 / self.width;
        let point = |x: u32, y: u32| &self.points[((y * self.width + x) * 3) as usize..][..3];
        (0..self.width).find_map(|x| {
            let mut begin = 0;
            for y in 0..height {
                if !is(point(x, y), ground) {
                    begin = y + 1;
                } else if y - begin >= shortest {
                    return Some((x as i32, begin as i32));
                }
            }
            None
        })
    }
}
