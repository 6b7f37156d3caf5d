import Foundation

/// A Gaussian over planes of pixels, in a time that hardly depends on its width.
///
/// Up to a standard deviation of 6 pixels every pixel is blurred itself. A wider one is applied to square cells, of which a
/// standard deviation has three or more: pixels are shared out to cells, and cells to pixels again, by quadratic B-splines,
/// whose mean and variance (a quarter of a squared side) are the same wherever in its cell a pixel lies. What both add to the
/// variance is taken off the Gaussian before. The result is that of the pixels to within 0.002, half a step of a
/// colour map.
struct MapBlur {
    /// Side of a cell in pixels; 1: no cells.
    let cell: Int
    /// From the middle on.
    private let across: [Float]
    private let down: [Float]
    /// Of the cell before, its own and the next one, for every place of a pixel in its cell.
    private let shares: [SIMD3<Float>]

    private static let leastCells = 3.0

    /// - Parameter sigma: standard deviations in pixels along both axes.
    init(_ sigma: (x: Double, y: Double)) {
        let side = max(1, Int(min(sigma.x, sigma.y) / Self.leastCells))
        cell = side
        func kernel(_ sigma: Double) -> [Float] {
            let added = side == 1 ? 0 : 0.5
            let scaled = (sigma / Double(side) * (sigma / Double(side)) - added).squareRoot()
            // Beyond three standard deviations a Gaussian is nothing.
            let weights = (0...Int((3 * scaled).rounded(.up))).map { exp(-Double($0 * $0) / (2 * scaled * scaled)) }
            let sum = 2 * weights.reduce(0, +) - 1
            return weights.map { Float($0 / sum) }
        }
        (across, down) = (kernel(sigma.x), kernel(sigma.y))
        shares = (0..<side).map { place in
            let offset = (Float(place) + 0.5) / Float(side) - 0.5
            return SIMD3(
                0.5 * (0.5 - offset) * (0.5 - offset),
                0.75 - offset * offset,
                0.5 * (0.5 + offset) * (0.5 + offset)
            )
        }
    }

    /// The rows on either side of a row that have a part in its result; a plane that begins at a multiple of `cell` with so
    /// many rows around gives the same as the whole.
    var margin: Int { cell == 1 ? down.count - 1 : (down.count + 2) * cell }

    /// - Parameter plane: `[height, width]`; what lies around it is zero.
    func callAsFunction(_ plane: [Float], width: Int, height: Int) -> [Float] {
        if cell == 1 { return blurred(plane, width: width, height: height) }
        // A cell more on every side, which pixels at the edges have a share of.
        let (columns, rows) = ((width - 1) / cell + 3, (height - 1) / cell + 3)
        let cells = blurred(
            gathered(plane, width: width, height: height, columns: columns, rows: rows),
            width: columns,
            height: rows
        )
        return spread(cells, columns: columns, width: width, height: height)
    }

    private func gathered(_ plane: [Float], width: Int, height: Int, columns: Int, rows: Int) -> [Float] {
        var cells = [Float](repeating: 0, count: columns * rows)
        var line = [Float](repeating: 0, count: columns)
        plane.withUnsafeBufferPointer { plane in
            for y in 0..<height {
                for column in 0..<columns { line[column] = 0 }
                for column in 0...(width - 1) / cell {
                    let first = column * cell
                    var sums = SIMD3<Float>()
                    for place in 0..<min(cell, width - first) {
                        sums += shares[place] * plane[y * width + first + place]
                    }
                    line[column] += sums[0]
                    line[column + 1] += sums[1]
                    line[column + 2] += sums[2]
                }
                for (next, share) in [shares[y % cell][0], shares[y % cell][1], shares[y % cell][2]].enumerated() {
                    let row = (y / cell + next) * columns
                    for column in 0..<columns { cells[row + column] += share * line[column] }
                }
            }
        }
        return cells
    }

    private func spread(_ cells: [Float], columns: Int, width: Int, height: Int) -> [Float] {
        var line = [Float](repeating: 0, count: columns)
        return [Float](unsafeUninitializedCapacity: width * height) { result, filled in
            for y in 0..<height {
                let (row, share) = (y / cell * columns, shares[y % cell])
                for column in 0..<columns {
                    let at = row + column
                    line[column] =
                        share[0] * cells[at] + share[1] * cells[at + columns] + share[2] * cells[at + 2 * columns]
                }
                for column in 0...(width - 1) / cell {
                    let around = SIMD3(line[column], line[column + 1], line[column + 2])
                    let first = column * cell
                    for place in 0..<min(cell, width - first) {
                        result[y * width + first + place] = (shares[place] * around).sum()
                    }
                }
            }
            filled = width * height
        }
    }

    private func blurred(_ plane: [Float], width: Int, height: Int) -> [Float] {
        let reach = across.count - 1
        var lines = [Float](repeating: 0, count: plane.count)
        // A row between zeros: no question at its ends.
        var padded = [Float](repeating: 0, count: width + 2 * reach)
        for y in 0..<height {
            padded.replaceSubrange(reach..<reach + width, with: plane[y * width..<(y + 1) * width])
            Self.add(padded, from: reach, times: across[0], to: &lines, from: y * width, count: width)
            for tap in 1...max(1, reach) {
                Self.add(padded, from: reach - tap, times: across[tap], to: &lines, from: y * width, count: width)
                Self.add(padded, from: reach + tap, times: across[tap], to: &lines, from: y * width, count: width)
            }
        }
        var result = [Float](repeating: 0, count: plane.count)
        for y in 0..<height {
            for tap in max(0, y - down.count + 1)...min(height - 1, y + down.count - 1) {
                let weight = down[abs(tap - y)]
                Self.add(lines, from: tap * width, times: weight, to: &result, from: y * width, count: width)
            }
        }
        return result
    }

    /// In runs of memory, several numbers at a time.
    private static func add(
        _ source: [Float],
        from first: Int,
        times weight: Float,
        to target: inout [Float],
        from start: Int,
        count: Int
    ) {
        source[first..<first + count].withUnsafeBufferPointer { source in
            target.withUnsafeMutableBufferPointer { target in
                let target = UnsafeMutableBufferPointer(rebasing: target[start..<start + count])
                for at in 0..<count { target[at] += weight * source[at] }
            }
        }
    }
}
