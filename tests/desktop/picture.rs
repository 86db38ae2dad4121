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
    /// As many points are left of it as right of it, and above as below: what is scattered elsewhere hardly moves it.
    pub(crate) middle: (i32, i32),
    /// How many points have it.
    pub(crate) points: usize,
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
        let (mut xs, mut ys) = (vec![], vec![]);
        for (i, point) in self.points.chunks_exact(3).enumerate() {
            let is_old = || before.is_some_and(|b| is(&b.points[i * 3..i * 3 + 3], colour));
            if is(point, colour) && !is_old() {
                xs.push(i as u32 % self.width);
                ys.push(i as u32 / self.width);
            }
        }
        let points = xs.len();
        let median = |mut all: Vec<u32>| *all.select_nth_unstable(points / 2).1 as i32;
        (points >= FEWEST).then(|| Found { middle: (median(xs), median(ys)), points })
    }

    fn point(&self, x: u32, y: u32) -> &[u8] {
        &self.points[((y * self.width + x) * 3) as usize..][..3]
    }

    /// A place in what is left of an icon of this colour: folders have no colour of their own.
    pub(crate) fn left_of(&self, colour: Colour, (x, y): (i32, i32)) -> Option<(i32, i32)> {
        const INSIDE: u32 = 12;
        let y = y as u32;
        let mut left =
            (0..x as u32).rev().skip_while(|x| is(self.point(*x, y), colour)).skip(INSIDE as usize);
        let ground: Colour = self.point(left.next()?, y).try_into().ok()?;
        let edge = left.find(|x| !is(self.point(*x, y), ground))?;
        Some((edge.checked_sub(INSIDE)? as i32, y as i32))
    }

    /// Where the window with this ground begins: its left edge is the first column with a run of it that is this long.
    pub(crate) fn window(&self, ground: Colour, shortest: u32) -> Option<(i32, i32)> {
        let height = self.points.len() as u32 / 3 / self.width;
        (0..self.width).find_map(|x| {
            let mut begin = 0;
            for y in 0..height {
                if !is(self.point(x, y), ground) {
                    begin = y + 1;
                } else if y - begin >= shortest {
                    return Some((x as i32, begin as i32));
                }
            }
            None
        })
    }
}
