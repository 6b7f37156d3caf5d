import Records

/// A smooth quantity over the slide, stored at every eighth pixel and interpolated between.
struct CoarseField: Sendable {
    static let pitch = 8

    let columns: Int
    let rows: Int
    var values: [Float]

    init(size: PixelSize) {
        columns = size.width / Self.pitch + 2
        rows = size.height / Self.pitch + 2
        values = [Float](repeating: 0, count: columns * rows)
    }

    init(size: PixelSize, _ value: (_ x: Float, _ y: Float) -> Float) {
        self.init(size: size)
        forEachPoint { index, x, y, values in values[index] = value(x, y) }
    }

    /// Visits every grid point with its position in level-0 pixels.
    mutating func forEachPoint(_ body: (_ index: Int, _ x: Float, _ y: Float, _ values: inout [Float]) -> Void) {
        for row in 0..<rows {
            for column in 0..<columns {
                body(row * columns + column, Float(column * Self.pitch), Float(row * Self.pitch), &values)
            }
        }
    }

    /// The value at a level-0 position; positions outside take the nearest inside.
    func at(_ x: Float, _ y: Float) -> Float {
        let scale = 1 / Float(Self.pitch)
        let column = min(max(x * scale, 0), Float(columns) - 1.001)
        let row = min(max(y * scale, 0), Float(rows) - 1.001)
        let left = Int(column)
        let top = Int(row)
        let u = column - Float(left)
        let v = row - Float(top)
        let base = top * columns + left
        let upper = values[base] + (values[base + 1] - values[base]) * u
        let lower = values[base + columns] + (values[base + columns + 1] - values[base + columns]) * u
        return upper + (lower - upper) * v
    }

    /// The values of one row of pixels.
    func fill(row: Int, width: Int, into line: UnsafeMutablePointer<Float>) {
        let top = row / Self.pitch
        let v = Float(row % Self.pitch) / Float(Self.pitch)
        values.withUnsafeBufferPointer { values in
            for column in 0..<((width + Self.pitch - 1) / Self.pitch) {
                let base = top * columns + column
                let left = values[base] + (values[base + columns] - values[base]) * v
                let right = values[base + 1] + (values[base + columns + 1] - values[base + 1]) * v
                let step = (right - left) / Float(Self.pitch)
                let first = column * Self.pitch
                for offset in 0..<min(Self.pitch, width - first) { line[first + offset] = left + step * Float(offset) }
            }
        }
    }
}
