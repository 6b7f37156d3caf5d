import Records

/// The large structures of a slide: where tissue, fat and solid epithelium lie, and how the fibres run.
struct TissueMap: Sendable {
    /// A body of solid epithelium.
    struct Body: Sendable {
        var shape: RadialShape
        var isTumour: Bool
    }

    let size: PixelSize
    /// Distance into the tissue in pixels, about; negative outside.
    private(set) var tissue: CoarseField
    /// Coordinates along which fibres are thin (`phase`) and long (`along`), in pixels.
    let phase: CoarseField
    let along: CoarseField
    /// Slow variation of the stroma's density, around 1.
    let richness: CoarseField
    /// Positive in fat.
    private(set) var fat: CoarseField
    /// Coverage by solid epithelium, 0 to 1.
    private(set) var solid: CoarseField
    private(set) var bodies: [Body] = []
    /// Tissue in square level-0 pixels.
    private(set) var tissueArea: Float = 0

    /// - Parameter tumourShare: foci as a share of the tissue; 0 on a normal slide.
    init(size: PixelSize, composition: Composition, tumourShare: Float, tumourFoci: Int, _ random: inout CounterRandom)
    {
        self.size = size
        tissue = Self.outline(size: size, composition, &random)
        (phase, along) = Self.fibres(size: size, &random)
        let slow = ValueNoise(&random)
        richness = CoarseField(size: size) { x, y in 0.7 + 0.6 * slow.fractal(x / 330, y / 330, octaves: 3) }
        fat = CoarseField(size: size)
        solid = CoarseField(size: size)
        tissueArea = Float(tissue.values.count { $0 > 0 } * CoarseField.pitch * CoarseField.pitch)
        placeBodies(composition, tumourShare: tumourShare, tumourFoci: tumourFoci, &random)
        layFat(share: composition.fat, &random)
    }

    private static func outline(size: PixelSize, _ composition: Composition, _ random: inout CounterRandom)
        -> CoarseField
    {
        let width = Float(size.width)
        let height = Float(size.height)
        // The pieces share the covered area; the wavy outline and the slide's margin take some of it away again.
        let pieceArea = composition.coverage * 1.12 * width * height / Float(composition.pieces)
        let reach = (pieceArea / 3.1416).squareRoot()
        let lobes = (0..<composition.pieces).map { piece in
            let stretch = random.between(0.85, 1.25)
            let slot = (Float(piece) + 0.5) / Float(composition.pieces)
            return RadialShape(
                x: width * (slot + random.between(-0.06, 0.06)),
                y: height * random.between(0.42, 0.58),
                along: reach * stretch,
                across: reach / stretch,
                irregularity: 0.12,
                &random
            )
        }
        let coarse = ValueNoise(&random)
        let fine = ValueNoise(&random)
        return CoarseField(size: size) { x, y in
            let inside = lobes.reduce(-Float.infinity) { max($0, (1 - $1.reach(x, y)) * reach) }
            let wander = (coarse.fractal(x / 620, y / 620, octaves: 3) - 0.5) * 520
            let ragged = (fine.fractal(x / 70, y / 70, octaves: 2) - 0.5) * 60
            let border = min(x, y, width - x, height - y) - 110 + wander * 0.3
            return min(inside + wander, border) + ragged
        }
    }

    private static func fibres(size: PixelSize, _ random: inout CounterRandom) -> (CoarseField, CoarseField) {
        let direction = random.direction()
        let bend = ValueNoise(&random)
        let twist = ValueNoise(&random)
        let phase = CoarseField(size: size) { x, y in
            let wave = (bend.fractal(x / 520, y / 520, octaves: 3) - 0.5) * 620
            return x * direction.x + y * direction.y + wave
        }
        let along = CoarseField(size: size) { x, y in
            y * direction.x - x * direction.y + (twist.fractal(x / 400, y / 400, octaves: 2) - 0.5) * 300
        }
        return (phase, along)
    }

    /// Chooses places for foci and benign nests, in the same way for both.
    private mutating func placeBodies(
        _ composition: Composition,
        tumourShare: Float,
        tumourFoci: Int,
        _ random: inout CounterRandom
    ) {
        // A focus is at least about 330 px across.
        let smallest: Float = 95_000
        let tumourArea = tumourShare == 0 ? 0 : max(smallest, tumourShare * tissueArea)
        var wanted: [(area: Float, isTumour: Bool)] = []
        if tumourArea > 0 {
            let count = max(1, min(tumourFoci, Int(tumourArea / smallest)))
            wanted += (0..<count).map { _ in (tumourArea / Float(count), true) }
        }
        let nestArea = composition.solid * tissueArea - tumourArea
        let nests = max(0, Int(nestArea / (1.3 * smallest)))
        let weights = (0..<min(nests, 4)).map { _ in random.between(0.6, 1.6) }
        wanted += weights.map { (nestArea * $0 / weights.reduce(0, +), false) }
        for (area, isTumour) in wanted {
            guard let shape = place(area: area, &random) else { continue }
            bodies.append(Body(shape: shape, isTumour: isTumour))
        }
        let septa = ValueNoise(&random)
        let fringe = ValueNoise(&random)
        let shapes = bodies.map(\.shape)
        solid = CoarseField(size: size) { x, y in
            var cover: Float = 0
            let frayed = (fringe.fractal(x / 60, y / 60, octaves: 2) - 0.5) * 70 - 8
            for shape in shapes {
                let depth = (1 - shape.reach(x, y)) * (shape.along + shape.across) / 2
                cover = max(cover, min(1, max(0, (depth + frayed) / 10 + 0.5)))
            }
            guard cover > 0 else { return 0 }
            // Thin septa of stroma divide the sheet into nests.
            let ridge = (septa.fractal(x / 170, y / 170, octaves: 2) - 0.5).magnitude
            return cover * min(1, max(0, ridge * 30 - 0.3))
        }
    }

    /// A place deep enough in tissue and clear of the other bodies: the best of many draws.
    private func place(area: Float, _ random: inout CounterRandom) -> RadialShape? {
        let radius = (area / 3.1416).squareRoot()
        var best: (shape: RadialShape, score: Float)?
        for _ in 0..<60 {
            let stretch = random.between(0.87, 1.15)
            let candidate = RadialShape(
                x: random.between(0.08, 0.92) * Float(size.width),
                y: random.between(0.08, 0.92) * Float(size.height),
                along: radius * stretch,
                across: radius / stretch,
                irregularity: 0.13,
                &random
            )
            let outline = candidate.outline(scale: 1.06)
            let depth = outline.reduce(Float.infinity) { min($0, tissue.at($1.x, $1.y)) }
            let gap = bodies.reduce(Float.infinity) { gap, body in
                let dx = body.shape.x - candidate.x
                let dy = body.shape.y - candidate.y
                return min(gap, (dx * dx + dy * dy).squareRoot() - body.shape.extent - candidate.extent)
            }
            let score = min(depth, gap, 30)
            if score > best?.score ?? -Float.infinity { best = (candidate, score) }
            if score >= 30 { break }
        }
        guard let best else { return nil }
        // Scaled to the asked area: the harmonics changed it a little.
        var shape = best.shape
        let correction = (area / shape.area).squareRoot()
        shape.along *= correction
        shape.across *= correction
        return shape
    }

    private mutating func layFat(share: Float, _ random: inout CounterRandom) {
        let lobules = ValueNoise(&random)
        var field = CoarseField(size: size) { x, y in lobules.fractal(x / 480, y / 480, octaves: 3) }
        let inTissue = field.values.indices.filter { tissue.values[$0] > 0 }.map { field.values[$0] }.sorted()
        let kept = Int(Float(inTissue.count) * (1 - share))
        let threshold = kept < inTissue.count ? inTissue[kept] : 2
        let bodies = bodies
        field.forEachPoint { index, x, y, values in
            let clear = bodies.reduce(Float.infinity) { min($0, ($1.shape.reach(x, y) - 1.04) * $1.shape.along) }
            values[index] = min((values[index] - threshold) * 480, clear)
        }
        fat = field
    }
}
