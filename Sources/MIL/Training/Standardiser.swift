import Records
import Storage
import Torch

/// Centres and scales features by the mean and sd of every instance of the training part; stored in the checkpoint.
public struct Standardiser: Equatable, Sendable {
    /// One per feature.
    public let mean: [Float]
    /// One per feature, never below the floor.
    public let deviation: [Float]

    static let meanName = "standardiser.mean"
    static let deviationName = "standardiser.deviation"

    init(mean: [Float], deviation: [Float]) {
        self.mean = mean
        self.deviation = deviation
    }

    /// The tensors a checkpoint keeps.
    var tensors: [String: StoredTensor] {
        [
            Self.meanName: StoredTensor(shape: [mean.count], floats: mean),
            Self.deviationName: StoredTensor(shape: [deviation.count], floats: deviation),
        ]
    }

    /// Features `[N, D]` → (x − mean) / sd.
    func callAsFunction(_ features: Tensor) throws -> Tensor {
        let shape = [1, mean.count]
        let centre = try Tensor(mean, shape: shape, on: features.device)
        let scale = try Tensor(deviation, shape: shape, on: features.device)
        return try (features - centre) / scale
    }
}

/// Running mean and variance per feature over bags, in double precision (Chan, Golub and LeVeque 1983: block by block).
struct FeatureMoments {
    private var count = 0.0
    private var mean: [Double] = []
    private var squares: [Double] = []

    mutating func add(_ bag: Bag) {
        guard bag.count > 0 else { return }
        let (rows, width) = (bag.count, bag.width)
        if mean.isEmpty {
            mean = Array(repeating: 0, count: width)
            squares = mean
        }
        var blockMean = [Double](repeating: 0, count: width)
        var blockSquares = blockMean
        bag.features.withUnsafeBufferPointer { values in
            for row in 0..<rows {
                for column in 0..<width { blockMean[column] += Double(values[row * width + column]) }
            }
            for column in 0..<width { blockMean[column] /= Double(rows) }
            for row in 0..<rows {
                for column in 0..<width {
                    let distance = Double(values[row * width + column]) - blockMean[column]
                    blockSquares[column] += distance * distance
                }
            }
        }
        let total = count + Double(rows)
        for column in 0..<width {
            let shift = blockMean[column] - mean[column]
            squares[column] += blockSquares[column] + shift * shift * count * Double(rows) / total
            mean[column] += shift * Double(rows) / total
        }
        count = total
    }

    /// The floor of the sd is 1 % of the median sd: a feature that hardly varied in training must not drown the others
    /// where it does vary.
    func standardiser() -> Standardiser {
        let deviations = squares.map { ($0 / max(count, 1)).squareRoot() }
        let sorted = deviations.sorted()
        let median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
        let floor = median > 0 ? median / 100 : 1
        return Standardiser(mean: mean.map { Float($0) }, deviation: deviations.map { Float(max($0, floor)) })
    }
}
