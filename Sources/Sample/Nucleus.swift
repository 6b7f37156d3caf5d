import Records

/// A cell's nucleus, as it is painted.
struct Nucleus: Sendable {
    var shape: RadialShape
    /// Haematoxylin in its body.
    var density: Float
    /// 0: evenly dark; 1: an empty centre within a dark membrane (vesicular chromatin).
    var vesicular: Float
    /// Strength of the chromatin's granules.
    var granules: Float
    /// Up to two nucleoli: offset from the centre and radius in pixels; radius 0 for none.
    var nucleoli: (SIMD3<Float>, SIMD3<Float>) = (.zero, .zero)

    /// Pixels from the centre that painting can change.
    var margin: Int { Int(shape.extent) + 3 }

    /// Paints the part that lies in the band.
    func paint(on band: DyeBand, softness: Float, grain: ValueNoise) {
        let margin = margin
        let centre = (x: Int(shape.x), y: Int(shape.y))
        let rows =
            max(
                band.rows.lowerBound,
                centre.y - margin
            )..<max(band.rows.lowerBound, min(band.rows.upperBound, centre.y + margin + 1))
        let columns = max(0, centre.x - margin)..<max(0, min(band.width, centre.x + margin + 1))
        let edge = (shape.along * shape.across).squareRoot() / softness
        for row in rows {
            let y = Float(row)
            let line = band.line(row)
            for column in columns {
                let x = Float(column)
                let reach = shape.reach(x, y)
                let cover = min(1, (1 - reach) * edge + 0.5)
                guard cover > 0 else { continue }
                let hollow = vesicular * (1 - min(1, reach * reach * 1.25))
                let chromatin = (grain(x * 0.42, y * 0.42) - 0.5) * granules
                var dye = density * (1 - hollow) + chromatin
                dye = max(dye, nucleolus(nucleoli.0, x, y), nucleolus(nucleoli.1, x, y))
                line.hematoxylin[column] = max(line.hematoxylin[column], max(0.05, dye) * cover)
                line.eosin[column] *= 1 - 0.5 * cover
            }
        }
    }

    @inline(__always)
    private func nucleolus(_ spot: SIMD3<Float>, _ x: Float, _ y: Float) -> Float {
        guard spot.z > 0 else { return 0 }
        let dx = x - shape.x - spot.x
        let dy = y - shape.y - spot.y
        let distance = (dx * dx + dy * dy).squareRoot()
        return min(1, max(0, spot.z - distance + 0.5)) * density * 1.35
    }
}

/// Rows of a slide as amounts of dye, before they become colours.
struct DyeBand {
    let rows: Range<Int>
    let width: Int
    private let hematoxylin: UnsafeMutablePointer<Float>
    private let eosin: UnsafeMutablePointer<Float>

    init(rows: Range<Int>, width: Int) {
        self.rows = rows
        self.width = width
        hematoxylin = .allocate(capacity: rows.count * width)
        eosin = .allocate(capacity: rows.count * width)
        hematoxylin.initialize(repeating: 0, count: rows.count * width)
        eosin.initialize(repeating: 0, count: rows.count * width)
    }

    func free() {
        hematoxylin.deallocate()
        eosin.deallocate()
    }

    @inline(__always)
    func line(_ row: Int) -> (hematoxylin: UnsafeMutablePointer<Float>, eosin: UnsafeMutablePointer<Float>) {
        let offset = (row - rows.lowerBound) * width
        return (hematoxylin + offset, eosin + offset)
    }
}
