import Records

/// Plants every cell of a slide: glands with their epithelium, stroma cells, lymphocytes, benign nests and tumour.
struct CellPlanting {
    private let map: TissueMap
    private let composition: Composition
    private(set) var glands: [Gland] = []
    private(set) var nuclei: [Nucleus] = []
    private var random: CounterRandom

    init(map: TissueMap, composition: Composition, _ random: CounterRandom) {
        self.map = map
        self.composition = composition
        self.random = random
        plantGlands()
        let aggregates = plantAggregates()
        plantStroma(aggregates)
        plantSolid()
    }

    /// Visits a jittered lattice; `jitter` 1 lets a point wander over its whole cell.
    private mutating func lattice(
        pitch: Float,
        jitter: Float,
        left: Float,
        top: Float,
        right: Float,
        bottom: Float,
        _ body: (inout CellPlanting, Float, Float) -> Void
    ) {
        var row = 0
        var y = top
        while y < bottom {
            var x = left + (row % 2 == 0 ? 0 : pitch / 2)
            while x < right {
                let dx = random.between(-0.5, 0.5) * pitch * jitter
                let dy = random.between(-0.5, 0.5) * pitch * jitter
                body(&self, x + dx, y + dy)
                x += pitch
            }
            y += pitch * 0.8660254
            row += 1
        }
    }

    private mutating func wholeSlide(pitch: Float, jitter: Float, _ body: (inout CellPlanting, Float, Float) -> Void) {
        lattice(
            pitch: pitch,
            jitter: jitter,
            left: 0,
            top: 0,
            right: Float(map.size.width),
            bottom: Float(map.size.height),
            body
        )
    }

    private mutating func around(
        _ shape: RadialShape,
        pitch: Float,
        jitter: Float,
        _ body: (inout CellPlanting, Float, Float) -> Void
    ) {
        // Frayed edges reach a little beyond the outline.
        let extent = shape.extent * 1.15
        lattice(
            pitch: pitch,
            jitter: jitter,
            left: max(0, shape.x - extent),
            top: max(0, shape.y - extent),
            right: min(Float(map.size.width), shape.x + extent),
            bottom: min(Float(map.size.height), shape.y + extent),
            body
        )
    }

    private mutating func plantGlands() {
        let lobules = ValueNoise(&random)
        let threshold = 0.62 - 0.3 * composition.glands
        let scale = composition.nucleusScale
        wholeSlide(pitch: 178, jitter: 0.5) { planting, x, y in
            let radius = planting.random.between(38, 76)
            let stretch = planting.random.between(0.8, 1.3)
            let shape = RadialShape(
                x: x,
                y: y,
                along: radius * stretch,
                across: radius / stretch,
                irregularity: 0.09,
                &planting.random
            )
            let gland = Gland(
                shape: shape,
                lumen: planting.random.between(0.3, 0.62),
                eosin: planting.random.between(0.3, 0.42)
            )
            guard lobules.fractal(x / 700, y / 700, octaves: 2) > threshold,
                planting.map.tissue.at(x, y) > shape.extent,
                planting.isStroma(x, y, within: shape.extent)
            else { return }
            planting.glands.append(gland)
            planting.nuclei += gland.nuclei(scale: scale, &planting.random)
        }
    }

    /// Lymphoid aggregates: dense, dark and in both classes.
    private mutating func plantAggregates() -> [RadialShape] {
        var shapes: [RadialShape] = []
        for _ in 0..<composition.aggregates {
            for _ in 0..<30 {
                let radius = random.between(80, 190)
                let shape = RadialShape(
                    x: random.between(0.1, 0.9) * Float(map.size.width),
                    y: random.between(0.1, 0.9) * Float(map.size.height),
                    along: radius,
                    across: radius * random.between(0.65, 1),
                    irregularity: 0.12,
                    &random
                )
                guard map.tissue.at(shape.x, shape.y) > 60, isStroma(shape.x, shape.y, within: radius * 0.8) else {
                    continue
                }
                shapes.append(shape)
                break
            }
        }
        let scale = composition.nucleusScale
        for shape in shapes {
            around(shape, pitch: 12.5, jitter: 0.6) { planting, x, y in
                let reach = shape.reach(x, y)
                guard reach < 1.15, planting.random.between(0.7, 1.2) > reach, planting.map.tissue.at(x, y) > 6,
                    planting.isFree(x, y)
                else { return }
                planting.nuclei.append(.lymphocyte(x, y, scale: scale, &planting.random))
            }
        }
        return shapes
    }

    private mutating func plantStroma(_ aggregates: [RadialShape]) {
        let crowds = ValueNoise(&random)
        let scale = composition.nucleusScale
        wholeSlide(pitch: 33, jitter: 0.95) { planting, x, y in
            let chance = planting.random.between(0, 1)
            guard planting.map.tissue.at(x, y) > 5, planting.map.solid.at(x, y) < 0.3, planting.isFree(x, y),
                !aggregates.contains(where: { $0.reach(x, y) < 0.95 })
            else { return }
            let crowd = crowds.fractal(x / 210, y / 210, octaves: 2)
            if planting.random.between(0, 1) < planting.composition.macrophages {
                planting.nuclei.append(.macrophage(x, y, scale: scale, &planting.random))
            } else if chance < planting.composition.lymphocytes * 4 * crowd * crowd {
                planting.nuclei.append(.lymphocyte(x, y, scale: scale, &planting.random))
            } else if chance < planting.composition.spindles {
                let round = planting.random.between(0, 1) < 0.22
                let axis = planting.fibreDirection(x, y)
                planting.nuclei.append(
                    round
                        ? .ordinary(x, y, scale: scale, &planting.random)
                        : .spindle(x, y, axis: axis, scale: scale, &planting.random)
                )
            }
        }
    }

    private mutating func plantSolid() {
        let scale = composition.nucleusScale
        for body in map.bodies {
            let pitch: Float = body.isTumour ? 23.5 : 15.9
            around(body.shape, pitch: pitch * scale, jitter: body.isTumour ? 0.8 : 0.45) { planting, x, y in
                guard body.shape.reach(x, y) < 1.12, planting.map.solid.at(x, y) > 0.55 else { return }
                planting.nuclei.append(
                    body.isTumour
                        ? .tumour(x, y, scale: scale, &planting.random) : .benign(x, y, scale: scale, &planting.random)
                )
            }
        }
    }

    /// Neither in fat nor in a gland.
    private func isFree(_ x: Float, _ y: Float) -> Bool {
        guard map.fat.at(x, y) < -4 else { return false }
        return !glands.contains { gland in
            (gland.shape.x - x).magnitude < 130 && (gland.shape.y - y).magnitude < 130 && gland.shape.reach(x, y) < 1.04
        }
    }

    private func isStroma(_ x: Float, _ y: Float, within radius: Float) -> Bool {
        guard map.fat.at(x, y) < -radius * 0.4 else { return false }
        return !map.bodies.contains { body in
            let dx = body.shape.x - x
            let dy = body.shape.y - y
            return (dx * dx + dy * dy).squareRoot() < body.shape.extent + radius
        }
    }

    /// Along the fibres: across the gradient of their phase.
    private func fibreDirection(_ x: Float, _ y: Float) -> (x: Float, y: Float) {
        let dx = map.phase.at(x + 8, y) - map.phase.at(x - 8, y)
        let dy = map.phase.at(x, y + 8) - map.phase.at(x, y - 8)
        let length = (dx * dx + dy * dy).squareRoot()
        return length < 1e-3 ? (1, 0) : (-dy / length, dx / length)
    }
}
