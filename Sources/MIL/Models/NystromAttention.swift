import Torch

/// Nyström attention (Xiong et al., AAAI 2021) as TransMIL and MHIM use it: softmax(QKᵀ) through the means of m groups of
/// rows, the landmarks, and a convolution of the values along the sequence beside it.
///
/// Rows of zeros go in front of the sequence until its length n' is a multiple of m. They take part in the softmaxes and
/// in the landmarks, so a row of attention over the true tokens does not sum to 1: it is a score, no distribution.
struct NystromAttention {
    private let name: String
    let heads: Int
    /// D
    let width: Int
    /// D/8, however many heads there are.
    let headWidth: Int
    /// m
    let landmarks: Int
    private let dropout: Double
    private let projection: Linear
    private let output: Linear
    /// `[heads, 1, 33, 1]`
    let residual: Parameter

    static let taps = 33
    private static let iterations = 6

    init(
        _ name: String,
        width: Int,
        heads: Int,
        landmarks: Int,
        dropout: Double,
        from source: some ParameterSource,
        on device: Device
    ) throws {
        self.name = name
        (self.heads, self.width) = (heads, width)
        self.landmarks = landmarks
        self.dropout = dropout
        headWidth = width / 8
        let inner = heads * headWidth
        projection = try source.xavierLinear(
            "\(name).to_qkv",
            inputs: width,
            outputs: 3 * inner,
            bias: false,
            on: device
        )
        output = try source.xavierLinear("\(name).to_out.0", inputs: inner, outputs: width, on: device)
        residual = try source.convolution("\(name).res_conv.weight", shape: [heads, 1, Self.taps, 1], on: device)
    }

    var parameters: [Parameter] { projection.parameters + output.parameters + [residual] }

    /// What a sequence `[n, D]` is to the layer; n' rows with the padding in front.
    struct View {
        /// Rows of padding in front.
        let padding: Int
        /// Queries and values `[heads, n', d]`, queries scaled by 1/√d.
        let queries, values: Tensor
        /// Means of the keys by group `[heads, m, d]`.
        let landmarkKeys: Tensor
        /// The pseudo-inverse between landmarks `[heads, m, m]`.
        let inverse: Tensor
        /// Attention of the landmarks to the sequence `[heads, m, n']`.
        let landmarkAttention: Tensor

        /// n'
        var count: Int { queries.shape[1] }

        /// Attention of some rows to the landmarks `[heads, rows, m]`; row 0 is the first true token.
        func toLandmarks(_ rows: Range<Int>) throws -> Tensor {
            try queries.narrow(dim: 1, start: padding + rows.lowerBound, length: rows.count)
                .bmm(landmarkKeys.transpose(1, 2)).softmax(dim: 2)
        }

        /// What the first token attends to among the others `[heads, n − 1]`, the first row of S1·Z·S3.
        func classAttention() throws -> Tensor {
            let row = try toLandmarks(0..<1).bmm(inverse).bmm(landmarkAttention)
            return try row.narrow(dim: 2, start: padding + 1, length: count - padding - 1).squeeze(1)
        }

        /// The values of all tokens but the first, heads side by side `[heads, n − 1, d]`.
        func patchValues() throws -> Tensor {
            try values.narrow(dim: 1, start: padding + 1, length: count - padding - 1)
        }
    }

    /// Rows `[n, D]` → queries, scaled by 1/√d, keys and values `[heads, n, d]`.
    func parts(_ rows: Tensor) throws -> (queries: Tensor, keys: Tensor, values: Tensor) {
        let parts = try projection(rows).reshape([rows.shape[0], 3, heads, headWidth]).permute([1, 2, 0, 3])
        return (
            try parts.select(dim: 0, index: 0) * (1 / Double(headWidth).squareRoot()),
            try parts.select(dim: 0, index: 1).contiguous(), try parts.select(dim: 0, index: 2).contiguous()
        )
    }

    func view(_ sequence: Tensor) throws -> View {
        let length = sequence.shape[0]
        let padding = (landmarks - length % landmarks) % landmarks
        let padded =
            padding == 0
            ? sequence
            : try Tensor.concatenated([Tensor.zeros([padding, width], on: sequence.device), sequence], dim: 0)
        let (queries, keys, values) = try parts(padded)
        let landmarkQueries = try means(queries)
        let landmarkKeys = try means(keys)
        let between = try landmarkQueries.bmm(landmarkKeys.transpose(1, 2)).softmax(dim: 2)
        return View(
            padding: padding,
            queries: queries,
            values: values,
            landmarkKeys: landmarkKeys,
            inverse: try pseudoInverse(between),
            landmarkAttention: try landmarkQueries.bmm(keys.transpose(1, 2)).softmax(dim: 2)
        )
    }

    /// The layer's output for some rows of the sequence `[rows, D]`; row 0 is the first true token.
    ///
    /// S1·(Z·(S3·V)) from right to left: no product is wider than a landmark.
    func callAsFunction(_ view: View, rows: Range<Int>, _ draws: (any Draws)?) throws -> Tensor {
        let gathered = try view.inverse.bmm(view.landmarkAttention.bmm(view.values))
        let mixed = try view.toLandmarks(rows).bmm(gathered) + convolved(view, rows)
        let merged = try mixed.transpose(0, 1).reshape([rows.count, heads * headWidth])
        return try projected(merged, draws, "dropout.\(name)")
    }

    /// The layer's last step alone, for what has come out of all heads `[rows, heads · d]`.
    /// - Parameter draw: its name.
    func projected(_ merged: Tensor, _ draws: (any Draws)?, _ draw: String) throws -> Tensor {
        let result = try output(merged)
        return try draws.map { try result.dropout(dropout, draw, $0) } ?? result
    }

    /// `[heads, n', d]` → means of m groups of neighbours `[heads, m, d]`.
    private func means(_ rows: Tensor) throws -> Tensor {
        try rows.reshape([heads, landmarks, rows.shape[1] / landmarks, headWidth]).mean(dim: 2)
    }

    /// Convolution of the values along the sequence, each head by its own 33 taps `[heads, rows, d]`. Only what the rows
    /// see is read; the padding in front is read as the zeros that it holds.
    private func convolved(_ view: View, _ rows: Range<Int>) throws -> Tensor {
        let reach = Self.taps / 2
        let first = view.padding + rows.lowerBound
        let start = max(0, first - reach)
        let end = min(view.count, first + rows.count + reach)
        let window = try view.values.narrow(dim: 1, start: start, length: end - start).unsqueeze(0)
        return try window.conv2d(residual.tensor, padding: (reach, 0), groups: heads).squeeze(0)
            .narrow(dim: 1, start: first - start, length: rows.count)
    }

    /// Moore and Penrose's inverse by six steps of Razavi et al.'s iteration: Z ← ¼·Z·(13I − A(15I − A(7I − A))), A = S·Z.
    ///
    /// It begins at Sᵀ over the largest sums of a row and of a column; those maxima are of all heads together.
    func pseudoInverse(_ matrix: Tensor) throws -> Tensor {
        let largest = try matrix.sum(dim: 2).max() * matrix.sum(dim: 1).max()
        var inverse = try matrix.transpose(1, 2) / largest
        for _ in 0..<Self.iterations {
            let product = try matrix.bmm(inverse)
            let inner = try product * 7 - product.bmm(product)
            let outer = try product * 15 - product.bmm(inner)
            inverse = try (inverse * 13 - inverse.bmm(outer)) * 0.25
        }
        return inverse
    }
}
