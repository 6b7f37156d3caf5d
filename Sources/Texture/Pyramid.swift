/// A plane and its halvings: each pixel of a level is the rounded mean of 2 × 2 of the level before.
///
/// The box keeps rotations by 90° and mirror images exact wherever the side halves evenly; an odd last row and column
/// are left out.
struct Pyramid {
    let levels: [Plane]

    /// `base` and the levels above it, `count` in all.
    init(base: Plane, count: Int) {
        var levels = [base]
        while levels.count < count { levels.append(Plane(side: levels[levels.count - 1].side / 2)) }
        self.levels = levels
    }

    /// Recomputes levels 1… from level 0.
    func build() {
        for (fine, coarse) in zip(levels, levels.dropFirst()) { Self.halve(fine, into: coarse) }
    }

    private static func halve(_ fine: Plane, into coarse: Plane) {
        for y in 0..<coarse.side {
            let above = fine.row(2 &* y)
            let below = fine.row(2 &* y &+ 1)
            let out = coarse.row(y)
            for x in 0..<coarse.side {
                let upper = Int32(above[2 &* x]) &+ Int32(above[2 &* x &+ 1])
                let lower = Int32(below[2 &* x]) &+ Int32(below[2 &* x &+ 1])
                out[x] = Int16(truncatingIfNeeded: (upper &+ lower &+ 2) >> 2)
            }
        }
    }
}
