public import Records
public import Storage

/// Everything that a model's prediction of one slide can show as maps.
public struct SlideMaps: Equatable, Sendable {
    /// Top-left corners in level-0 pixels.
    public var corners: [PixelPoint]
    /// Side of a patch in level-0 pixels.
    public var side: Int
    /// What is shown where one map is shown: the mean of the rows, or the only one.
    public var main: PatchMap
    /// Each branch, network or class alone; empty where `main` is all there is.
    public var rows: [PatchMap]

    /// - Throws: `ReviewError.shape` where the numbers of corners and values differ.
    public init(corners: [PixelPoint], side: Int, main: PatchMap, rows: [PatchMap]) throws {
        guard side > 0, ([main] + rows).allSatisfy({ $0.values.count == corners.count }) else {
            throw ReviewError.shape("\(main.values.count) values for \(corners.count) patches of side \(side)")
        }
        self.corners = corners
        self.side = side
        self.main = main
        self.rows = rows
    }

    /// - Parameters:
    ///   - attention: the absolute scale of N·attention.
    ///   - score: the absolute scale of scores; nil takes the slide's own lowest and highest.
    /// - Throws: `ReviewError` where the prediction does not tell where its patches lie.
    public init(_ file: PredictionFile, attention: ClosedRange<Double>, score: ClosedRange<Double>?) throws {
        guard let side = file.sideLevel0 else {
            throw ReviewError.shape("the prediction does not tell the side of its patches")
        }
        let prediction = file.prediction
        let count = Float(prediction.attention.count)
        func map(_ name: String, _ values: [Float]) -> PatchMap {
            PatchMap(name: name, quantity: .attention, values: values.map { $0 * count }, range: attention)
        }
        let rows = prediction.branchAttention
        try self.init(
            corners: prediction.corners,
            side: side,
            main: map(rows.count > 1 ? "mean" : "attention", prediction.attention),
            rows: rows.count > 1 ? rows.enumerated().map { map("branch_\($0)", $1) } : []
        )
    }

    /// How much the rows differ at each patch: their standard deviation (of all, not of a sample). nil for fewer than two.
    ///
    /// Its scale ends at half of the rows' range, which is the most that numbers of that range can deviate.
    public var disagreement: PatchMap? {
        guard rows.count > 1 else { return nil }
        let count = Float(rows.count)
        let values = corners.indices.map { patch -> Float in
            let mean = rows.reduce(0) { $0 + $1.values[patch] } / count
            let squares = rows.reduce(0) { $0 + ($1.values[patch] - mean) * ($1.values[patch] - mean) }
            return (squares / count).squareRoot()
        }
        let limit = rows.map { $0.range.upperBound - $0.range.lowerBound }.max() ?? 1
        return PatchMap(
            name: "disagreement",
            quantity: .disagreement(main.quantity),
            values: values,
            range: 0...limit / 2,
            isOwnRange: rows.contains(where: \.isOwnRange)
        )
    }

    /// The one map, every row, and their disagreement.
    public var all: [PatchMap] { [main] + rows + (disagreement.map { [$0] } ?? []) }
}
