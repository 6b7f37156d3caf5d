import Records

/// The kinds of nuclei; sizes are semi-axes in pixels at 0.5 µm.
extension Nucleus {
    /// Small, round, dark, clumped.
    static func lymphocyte(_ x: Float, _ y: Float, scale: Float, _ random: inout CounterRandom) -> Nucleus {
        let radius = random.between(4.2, 5.2) * scale
        return Nucleus(
            shape: RadialShape(
                x: x,
                y: y,
                along: radius,
                across: radius * random.between(0.9, 1),
                irregularity: 0.03,
                &random
            ),
            density: random.between(0.72, 0.95),
            vesicular: 0,
            granules: 0.4
        )
    }

    /// A fibroblast: long and thin along the fibres.
    static func spindle(
        _ x: Float,
        _ y: Float,
        axis: (x: Float, y: Float),
        scale: Float,
        _ random: inout CounterRandom
    ) -> Nucleus {
        Nucleus(
            shape: RadialShape(
                x: x,
                y: y,
                along: random.between(7.5, 13) * scale,
                across: random.between(2.1, 3.2) * scale,
                axis: axis
            ),
            density: random.between(0.6, 0.85),
            vesicular: random.between(0, 0.2),
            granules: 0.25
        )
    }

    /// Endothelium, macrophages and the like.
    static func ordinary(_ x: Float, _ y: Float, scale: Float, _ random: inout CounterRandom) -> Nucleus {
        let radius = random.between(4.8, 6.6) * scale
        return Nucleus(
            shape: RadialShape(
                x: x,
                y: y,
                along: radius,
                across: radius * random.between(0.6, 0.9),
                irregularity: 0.05,
                &random
            ),
            density: random.between(0.5, 0.72),
            vesicular: random.between(0.1, 0.4),
            granules: 0.32
        )
    }

    /// A large pale cell of the stroma; alone it could be taken for tumour.
    static func macrophage(_ x: Float, _ y: Float, scale: Float, _ random: inout CounterRandom) -> Nucleus {
        let radius = random.between(7, 10.5) * scale
        var nucleus = Nucleus(
            shape: RadialShape(
                x: x,
                y: y,
                along: radius,
                across: radius * random.between(0.65, 0.95),
                irregularity: 0.07,
                &random
            ),
            density: random.between(0.5, 0.68),
            vesicular: random.between(0.4, 0.75),
            granules: 0.34
        )
        let offset = random.direction()
        nucleus.nucleoli.0 = [offset.x * 2, offset.y * 2, random.between(1, 2)]
        return nucleus
    }

    /// Benign epithelium: regular, evenly spaced, fine chromatin.
    static func benign(_ x: Float, _ y: Float, scale: Float, _ random: inout CounterRandom) -> Nucleus {
        let radius = random.between(5.1, 6.1) * scale
        return Nucleus(
            shape: RadialShape(
                x: x,
                y: y,
                along: radius,
                across: radius * random.between(0.82, 0.96),
                irregularity: 0.03,
                &random
            ),
            density: random.between(0.52, 0.64),
            vesicular: random.between(0.1, 0.25),
            granules: 0.32
        )
    }

    /// Tumour: large, of every size and shape, crowded, vesicular with nucleoli; some dark ones among them.
    static func tumour(_ x: Float, _ y: Float, scale: Float, _ random: inout CounterRandom) -> Nucleus {
        let radius = max(6, 10 + 2 * random.bell()) * scale
        let isDark = random.between(0, 1) < 0.14
        var nucleus = Nucleus(
            shape: RadialShape(
                x: x,
                y: y,
                along: radius * 1.1,
                across: radius * random.between(0.62, 0.95),
                irregularity: 0.1,
                &random
            ),
            density: isDark ? random.between(0.75, 0.95) : random.between(0.51, 0.66),
            vesicular: isDark ? 0.1 : random.between(0.5, 0.78),
            granules: 0.34
        )
        guard !isDark else { return nucleus }
        func nucleolus() -> SIMD3<Float> {
            let direction = random.direction()
            let distance = random.between(0.05, 0.4) * radius
            return [direction.x * distance, direction.y * distance, random.between(1.4, 2.4)]
        }
        nucleus.nucleoli.0 = nucleolus()
        if random.between(0, 1) < 0.4 { nucleus.nucleoli.1 = nucleolus() }
        return nucleus
    }
}
