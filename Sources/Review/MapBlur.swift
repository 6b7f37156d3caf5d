import Foundation

/// A Gaussian over planes of pixels, in a time that hardly depends on its width.
///
/// Up to a standard deviation of 6 pixels every pixel is blurred itself. A wider one is applied to the sums of square cells,
/// of which a standard deviation has three or more, and interpolated linearly between their middles; what cells and
/// interpolation add to the variance (a quarter of a squared side) is taken off before. The result is within 0.002 of the
/// Gaussian of the pixels, half a step of a colour map.
struct MapBlur {
    /// Side of a cell in pixels; 1: no cells.
    let cell: Int
    /// From the middle on.
    private let across: [Float]
    private let down: [Float]

    private static let leastCells = 3.0

    /// - Parameter sigma: standard deviations in pixels along both axes.
    init(_ sigma: (x: Double, y: Double)) {
        let side = max(1, Int(min(sigma.x, sigma.y) / Self.leastCells))
        cell = side
        func kernel(_ sigma: Double) -> [Float] {
            let added = side == 1 ? 0 : 0.25
            let scaled = (sigma / Double(side) * (sigma / Double(side)) - added).squareRoot()
            // Beyond three standard deviations a Gaussian is nothing.
            let weights = (0...Int((3 * scaled).rounded(.up))).map { exp(-Double($0 * $0) / (2 * scaled * scaled)) }
            let sum = 2 * weights.reduce(0, +) - 1
            return weights.map { Float($0 / sum) }
        }
        (across, down) = (kernel(sigma.x), kernel(sigma.y))
    }

    /// The rows on either side of a row that have a part in its result; a plane that begins at a multiple of `cell` with so
    /// many rows around gives the same as the whole.
    var margin: Int { cell == 1 ? down.count - 1 : (down.count + 1) * cell }

    /// - Parameter plane: `[height, width]`; what lies around it is zero.
    func callAsFunction(_ plane: [Float], width: Int, height: Int) -> [Float] {
        if cell == 1 { return blurred(plane, width: width, height: height) }
        // A cell more on every side, for the interpolation at the edges.
        let (columns, rows) = ((width - 1) / cell + 3, (height - 1) / cell + 3)
        let sums = blurred(
            cells(of: plane, width: width, height: height, columns: columns, rows: rows),
            width: columns,
            height: rows
        )
        return interpolated(sums, columns: columns, width: width, height: height)
    }

    private func cells(of plane: [Float], width: Int, height: Int, columns: Int, rows: Int) -> [Float] {
        var sums = [Float](repeating: 0, count: columns * rows)
        sums.withUnsafeMutableBufferPointer { sums in
            plane.withUnsafeBufferPointer { plane in
                for y in 0..<height {
                    let row = (y / cell + 1) * columns + 1
                    for column in 0...(width - 1) / cell {
                        var sum: Float = 0
                        for x in column * cell..<min(width, (column + 1) * cell) { sum += plane[y * width + x] }
                        sums[row + column] += sum
                    }
                }
            }
        }
        return sums
    }

    private func interpolated(_ sums: [Float], columns: Int, width: Int, height: Int) -> [Float] {
        /// The cell whose middle lies before a pixel's, and the share of the next one.
        func place(_ pixel: Int) -> (cell: Int, next: Float) {
            let at = (Double(pixel) + 0.5) / Double(cell) + 0.5
            return (Int(at), Float(at - at.rounded(.down)))
        }
        let places = (0..<width).map(place)
        var line = [Float](repeating: 0, count: columns)
        return [Float](unsafeUninitializedCapacity: width * height) { result, filled in
            for y in 0..<height {
                let (row, share) = place(y)
                for column in 0..<columns {
                    let upper = sums[row * columns + column]
                    line[column] = upper + (sums[(row + 1) * columns + column] - upper) * share
                }
                for x in 0..<width {
                    let (column, share) = places[x]
                    result[y * width + x] = line[column] + (line[column + 1] - line[column]) * share
                }
            }
            filled = width * height
        }
    }

    private func blurred(_ plane: [Float], width: Int, height: Int) -> [Float] {
        let reach = across.count - 1
        var result = plane
        // A row between zeros: no question at its ends.
        var padded = [Float](repeating: 0, count: width + 2 * reach)
        result.withUnsafeMutableBufferPointer { result in
            padded.withUnsafeMutableBufferPointer { padded in
                for y in 0..<height {
                    for x in 0..<width { padded[reach + x] = result[y * width + x] }
                    for x in 0..<width { result[y * width + x] = across[0] * padded[reach + x] }
                    for tap in 1..<max(1, across.count) {
                        let weight = across[tap]
                        for x in 0..<width {
                            result[y * width + x] += weight * (padded[reach + x - tap] + padded[reach + x + tap])
                        }
                    }
                }
            }
        }
        return blurredDown(result, width: width, height: height)
    }

    private func blurredDown(_ plane: [Float], width: Int, height: Int) -> [Float] {
        var result = [Float](repeating: 0, count: plane.count)
        result.withUnsafeMutableBufferPointer { result in
            plane.withUnsafeBufferPointer { plane in
                for y in 0..<height {
                    for tap in max(0, y - down.count + 1)...min(height - 1, y + down.count - 1) {
                        let weight = down[abs(tap - y)]
                        for x in 0..<width { result[y * width + x] += weight * plane[tap * width + x] }
                    }
                }
            }
        }
        return result
    }
}
