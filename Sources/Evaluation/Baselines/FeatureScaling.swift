/// Columns brought to mean 0 and standard deviation 1 of the training part.
struct FeatureScaling {
    private let mean: [Double]
    /// What to multiply with; 0 where a column does not vary: it says nothing.
    private let scale: [Double]

    /// - Parameter rows: at least one, all of one width.
    init(_ rows: [[Double]]) {
        let count = Double(rows.count)
        var mean = [Double](repeating: 0, count: rows.first?.count ?? 0)
        for row in rows { for column in mean.indices { mean[column] += row[column] / count } }
        var squares = mean.map { _ in 0.0 }
        for row in rows {
            for column in mean.indices {
                squares[column] += (row[column] - mean[column]) * (row[column] - mean[column])
            }
        }
        self.mean = mean
        scale = zip(mean, squares).map { mean, squares in
            let deviation = (squares / count).squareRoot()
            return deviation > 1e-9 * max(1, abs(mean)) ? 1 / deviation : 0
        }
    }

    /// Divided by the root of the width besides, so that products of rows do not grow with the encoder.
    func callAsFunction(_ rows: [[Double]]) -> DenseRows {
        let root = Double(max(1, mean.count)).squareRoot()
        let scaled = rows.map { row in mean.indices.map { (row[$0] - mean[$0]) * scale[$0] / root } }
        return DenseRows(scaled, width: mean.count)
    }
}
