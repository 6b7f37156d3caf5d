import Records

/// A gland: a ring of columnar epithelium around a lumen.
struct Gland: Sendable {
    var shape: RadialShape
    /// The lumen's outline relative to the gland's.
    var lumen: Float
    /// Dye of the cytoplasm.
    var eosin: Float

    var margin: Int { Int(shape.extent) + 4 }

    func paint(on band: DyeBand, grain: ValueNoise) {
        let margin = margin
        let centre = (x: Int(shape.x), y: Int(shape.y))
        let top = max(band.rows.lowerBound, centre.y - margin)
        let bottom = max(top, min(band.rows.upperBound, centre.y + margin + 1))
        let left = max(0, centre.x - margin)
        let right = max(left, min(band.width, centre.x + margin + 1))
        let radius = (shape.along + shape.across) / 2
        for row in top..<bottom {
            let y = Float(row)
            let line = band.line(row)
            for column in left..<right {
                let x = Float(column)
                let reach = shape.reach(x, y)
                let cover = min(1, max(0, (1 - reach) * radius * 0.7 + 0.5))
                guard cover > 0 else { continue }
                let hollow = min(1, max(0, (lumen - reach) * radius * 0.6 + 0.5))
                let texture = grain(x * 0.23, y * 0.23) - 0.5
                // The membrane below the cells and the brush border at the lumen are darker lines.
                let membrane = max(0, 1 - (reach - 0.985).magnitude * radius * 0.55)
                let border = max(0, 1 - (reach - lumen).magnitude * radius * 0.6)
                let cells = eosin * (1 + 0.35 * texture) + 0.22 * membrane + 0.12 * border
                let dyeE = cells * (1 - hollow) + 0.015 * hollow
                let dyeH = 0.10 * (1 - hollow)
                line.eosin[column] += (dyeE - line.eosin[column]) * cover
                line.hematoxylin[column] += (dyeH - line.hematoxylin[column]) * cover
            }
        }
    }

    /// The epithelium's nuclei: near the outline, pointing to the lumen.
    func nuclei(scale: Float, _ random: inout CounterRandom) -> [Nucleus] {
        let outline = shape.outline(scale: 1)
        let radius = (shape.along + shape.across) / 2
        let wall = (1 - lumen) * radius
        let spacing = random.between(8.5, 10.5) * scale
        var nuclei: [Nucleus] = []
        var walked: Float = 0
        for index in outline.indices {
            let a = outline[index]
            let b = outline[(index + 1) % outline.count]
            let length = ((b.x - a.x) * (b.x - a.x) + (b.y - a.y) * (b.y - a.y)).squareRoot()
            while walked < length {
                let t = walked / length
                let px = a.x + (b.x - a.x) * t
                let py = a.y + (b.y - a.y) * t
                let depth = wall * random.between(0.26, 0.5) / radius
                let inwardX = shape.x - px
                let inwardY = shape.y - py
                let norm = max(1, (inwardX * inwardX + inwardY * inwardY).squareRoot())
                var nucleus = Nucleus(
                    shape: RadialShape(
                        x: px + inwardX * depth,
                        y: py + inwardY * depth,
                        along: random.between(6.2, 7.8) * scale,
                        across: random.between(3.6, 4.6) * scale,
                        axis: (inwardX / norm, inwardY / norm)
                    ),
                    density: random.between(0.55, 0.75),
                    vesicular: random.between(0.05, 0.3),
                    granules: 0.22
                )
                let skew = random.direction()
                nucleus.shape.third = (skew.x * 0.06, skew.y * 0.06)
                nuclei.append(nucleus)
                walked += spacing * random.between(0.8, 1.25)
            }
            walked -= length
        }
        return nuclei
    }
}
