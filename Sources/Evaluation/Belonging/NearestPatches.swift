import Foundation
import Storage

/// A sample of a training's patches, and how far others are from the nearest of them.
struct NearestPatches: Equatable {
    /// How many are kept at most.
    static let most = 2048

    let width: Int
    /// [D], of the sample.
    private let centre: [Float]
    /// [D], its standard deviation, floored.
    let scale: [Float]
    /// `[P, D]`, centred and scaled, as exact as fp16.
    private let rows: [Float]
    private let squares: [Float]

    /// - Parameter patches: at least one, row by row.
    init?(_ patches: [Float], width: Int) {
        guard width > 0, patches.count >= width else { return nil }
        let count = Double(patches.count / width)
        var mean = [Double](repeating: 0, count: width)
        for (place, value) in patches.enumerated() { mean[place % width] += Double(value) / count }
        var squares = [Double](repeating: 0, count: width)
        for (place, value) in patches.enumerated() {
            let apart = Double(value) - mean[place % width]
            squares[place % width] += apart * apart / count
        }
        let scale = ShrunkenCovariance.floored(squares.map { $0.squareRoot() }).map { Float($0) }
        let centre = mean.map { Float($0) }
        let rows = Self.scaled(patches, centre, scale).map { Float(Float16(min(max($0, -60_000), 60_000))) }
        self.init(width: width, centre: centre, scale: scale, rows: rows)
    }

    private init(width: Int, centre: [Float], scale: [Float], rows: [Float]) {
        (self.width, self.centre, self.scale, self.rows) = (width, centre, scale, rows)
        squares = Self.squares(of: rows, width)
    }

    private static func scaled(_ patches: [Float], _ centre: [Float], _ scale: [Float]) -> [Float] {
        patches.indices.map { (patches[$0] - centre[$0 % centre.count]) / scale[$0 % scale.count] }
    }

    private static func squares(of rows: [Float], _ width: Int) -> [Float] {
        rows.withUnsafeBufferPointer { rows in
            (0..<rows.count / width).map { FloatRows.dot(rows, $0 * width, rows, $0 * width, width) }
        }
    }

    /// The mean over the patches of the distance to the nearest one here, over the root of D.
    /// - Parameter patches: row by row.
    func distance(of patches: [Float]) -> Double {
        let own = Self.scaled(patches, centre, scale)
        let ownSquares = Self.squares(of: own, width)
        var nearest = ownSquares.map { _ in Float.greatestFiniteMagnitude }
        own.withUnsafeBufferPointer { own in
            rows.withUnsafeBufferPointer { rows in
                // Few own rows stay in the cache while the many others come by once.
                for other in squares.indices {
                    for row in nearest.indices {
                        let product = FloatRows.dot(own, row * width, rows, other * width, width)
                        nearest[row] = min(nearest[row], ownSquares[row] + squares[other] - 2 * product)
                    }
                }
            }
        }
        let sum = nearest.reduce(0.0) { $0 + (Double(max(0, $1)) / Double(width)).squareRoot() }
        return sum / Double(max(1, nearest.count))
    }
}

/// In a safetensors file.
extension NearestPatches {
    func tensors(_ name: String) -> [String: StoredTensor] {
        let halves = rows.map { Float16($0) }
        return [
            "\(name).centre": StoredTensor(shape: [width], floats: centre),
            "\(name).scale": StoredTensor(shape: [width], floats: scale),
            "\(name).rows": StoredTensor(
                kind: .float16,
                shape: [squares.count, width],
                bytes: halves.withUnsafeBytes { Data($0) }
            ),
        ]
    }

    /// nil where the tensors are not those of features so wide.
    init?(_ name: String, in tensors: [String: StoredTensor], width: Int) {
        guard width > 0, let centre = tensors["\(name).centre"], let scale = tensors["\(name).scale"],
            let rows = tensors["\(name).rows"], centre.shape == [width], scale.shape == [width],
            rows.shape.count == 2, rows.shape[1] == width, rows.shape[0] > 0,
            let centres = centre.floats, let scales = scale.floats, let values = rows.floats,
            (centres + scales + values).allSatisfy(\.isFinite), scales.allSatisfy({ $0 > 0 })
        else { return nil }
        self.init(width: width, centre: centres, scale: scales, rows: values)
    }
}
