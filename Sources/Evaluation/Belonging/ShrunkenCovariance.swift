import Foundation
import Storage

/// A mean and a covariance `[D, D]` that few rows give: that of the rows, drawn towards a multiple of the identity by as much as they
/// are too few (Ledoit and Wolf, J. Multivariate Anal. 88, 2004, section 3.2). Everything is computed with the rows' products, so that
/// n rows of D numbers take n² · D steps, and a distance n · D.
struct ShrunkenCovariance: Equatable {
    /// [D].
    private let centre: [Double]
    /// [D], what a difference is divided by first, so that every column counts alike.
    private let scale: [Double]
    /// How far the covariance is drawn, 0 to 1.
    let shrinkage: Double
    /// The share of the identity in it.
    private let ridge: Double
    /// Fᵀ of Σ⁻¹ = (1 − FᵀF) / ridge, `[n, D]`.
    private let factor: DenseRows

    /// - Parameters:
    ///   - rows: at least two, `[n, D]`.
    ///   - isScaled: whether columns are divided by their standard deviation first.
    init?(_ rows: DenseRows, isScaled: Bool = true) {
        guard rows.count > 1, rows.width > 0 else { return nil }
        let count = Double(rows.count)
        let width = Double(rows.width)
        let centre = rows.sum([Double](repeating: 1 / count, count: rows.count))
        var squares = [Double](repeating: 0, count: rows.width)
        for (place, value) in rows.values.enumerated() {
            let distance = value - centre[place % rows.width]
            squares[place % rows.width] += distance * distance
        }
        let scale = isScaled ? Self.floored(squares.map { ($0 / count).squareRoot() }) : squares.map { _ in 1 }
        let centred = rows.mapped { ($2 - centre[$1]) / scale[$1] }
        let gram = centred.products(with: centred).mapped { $2 / count }
        let trace = (0..<rows.count).reduce(0) { $0 + gram.values[$1 * rows.count + $1] }
        let mean = trace / width
        let norm = DenseRows.dot(gram.values, gram.values)
        let fourth = (0..<rows.count).reduce(0.0) { sum, row in
            let square = gram.values[row * rows.count + row] * count
            return sum + square * square
        }
        let apart = (norm - width * mean * mean) / width
        let noise = min((fourth / count - norm) / (width * count), apart)
        shrinkage = noise > 0 && apart > 0 ? noise / apart : 0
        // Rows that do not vary, or are many and free of noise, still need an inverse.
        let ridge = max(shrinkage * mean, 1e-6 * mean, 1e-30)
        let kept = 1 - shrinkage
        let inner = (0..<rows.count).map { row in
            (0..<rows.count).map { gram.values[row * rows.count + $0] * kept + ($0 == row ? ridge : 0) }
        }
        guard let cholesky = Cholesky(inner) else { return nil }
        let root = (kept / count).squareRoot()
        factor = cholesky.reduced(centred).mapped { $2 * root }
        (self.centre, self.scale, self.ridge) = (centre, scale, ridge)
    }

    /// Mahalanobis' distance over the root of D, so that encoders of all widths have similar ones.
    func distance(of row: [Double]) -> Double {
        let apart = row.indices.map { (row[$0] - centre[$0]) / scale[$0] }
        let explained = factor.times(apart)
        let square = (DenseRows.dot(apart, apart) - DenseRows.dot(explained, explained)) / ridge
        return (max(0, square) / Double(max(1, centre.count))).squareRoot()
    }

    /// What hardly varied must not drown what did: no deviation is below 1 % of the median one.
    static func floored(_ deviations: [Double]) -> [Double] {
        let median = deviations.sorted()[deviations.count / 2]
        let floor = median > 0 ? median / 100 : 1
        return deviations.map { max($0, floor) }
    }
}

/// In a safetensors file.
extension ShrunkenCovariance {
    func tensors(_ name: String) -> [String: StoredTensor] {
        [
            "\(name).centre": StoredTensor(shape: [centre.count], floats: centre.map { Float($0) }),
            "\(name).scale": StoredTensor(shape: [scale.count], floats: scale.map { Float($0) }),
            "\(name).factor": StoredTensor(
                shape: [factor.count, factor.width],
                floats: factor.values.map { Float($0) }
            ),
            "\(name).shrinkage": StoredTensor(doubles: [shrinkage, ridge]),
        ]
    }

    /// As a file keeps it, in fp32: what is compared has to be measured alike.
    var stored: ShrunkenCovariance? { ShrunkenCovariance("", in: tensors(""), width: centre.count) }

    /// nil where the tensors are not those of features so wide.
    init?(_ name: String, in tensors: [String: StoredTensor], width: Int) {
        func numbers(_ part: String, _ shape: [Int?]) -> [Double]? {
            guard let tensor = tensors["\(name).\(part)"], tensor.shape.count == shape.count,
                zip(tensor.shape, shape).allSatisfy({ $1 == nil || $0 == $1 })
            else { return nil }
            let values = tensor.kind == .float64 ? tensor.array(of: Double.self) : tensor.floats?.map { Double($0) }
            return values.flatMap { $0.allSatisfy(\.isFinite) ? $0 : nil }
        }
        guard width > 0, let centre = numbers("centre", [width]), let scale = numbers("scale", [width]),
            let factor = numbers("factor", [nil, width]), let shrunken = numbers("shrinkage", [2]), shrunken[1] > 0,
            scale.allSatisfy({ $0 > 0 })
        else { return nil }
        (self.centre, self.scale, shrinkage, ridge) = (centre, scale, shrunken[0], shrunken[1])
        self.factor = DenseRows(count: factor.count / width, width: width, values: factor)
    }
}

extension DenseRows: Equatable {
    static func == (one: DenseRows, other: DenseRows) -> Bool {
        one.count == other.count && one.width == other.width && one.values == other.values
    }
}

extension StoredTensor {
    init(shape: [Int]? = nil, doubles: [Double]) {
        self.init(kind: .float64, shape: shape ?? [doubles.count], bytes: doubles.withUnsafeBytes { Data($0) })
    }
}
