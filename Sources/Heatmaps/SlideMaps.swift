public import Records
public import Storage

/// Everything that a model's prediction of one slide can show as maps.
public struct SlideMaps: Equatable, Sendable {
    /// Top-left corners in level-0 pixels.
    public var corners: [PixelPoint]
    /// Side of a patch in level-0 pixels.
    public var side: Int
    /// Of level 0; nil where it is not known. Patches that reach beyond it are drawn as far as it goes.
    public var slideSize: PixelSize?
    /// What is shown where one map is shown: the mean of the rows, or the only one.
    public var main: PatchMap
    /// Each branch, network or class alone; empty where `main` is all there is.
    public var rows: [PatchMap]
    /// Of `rows`, those that are compared in `disagreement`.
    private var compared: [Int] = []

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
    ///   - score: the absolute scale of N·score.
    /// - Throws: `ReviewError` where the prediction does not tell where its patches lie.
    public init(_ file: PredictionFile, attention: ClosedRange<Double>, score: ClosedRange<Double>) throws {
        guard let side = file.sideLevel0 else {
            throw ReviewError.side(slide: file.prediction.slide.text)
        }
        let prediction = file.prediction
        let count = Float(file.bagPatches)
        let explaining = ExplainedMaps(file)
        func map(_ name: String, _ given: [Float]) -> PatchMap {
            if let map = explaining.map(name, given) { return map }
            if Self.role(of: name) == "hard" { return Self.masked(name, given, timesN: given.map { $0 * count }) }
            let isAttention = prediction.kind == .attention
            return PatchMap(
                name: name,
                title: Self.title(of: name, classes: file.classes, kind: prediction.answer.kind),
                quantity: isAttention ? .attention : .score,
                given: given,
                values: given.map { $0 * count },
                range: isAttention ? attention : score
            )
        }
        let members = prediction.mainRows ?? Self.supposedMembers(of: prediction)
        try self.init(
            corners: prediction.corners,
            side: side,
            main: map(members.count == 1 ? prediction.rowNames[members[0]] : "mean", prediction.attention),
            rows: prediction.rowNames.count > 1 ? zip(prediction.rowNames, prediction.branchAttention).map(map) : []
        )
        slideSize = file.grid?.slideSize ?? file.facts?.onSlide.size
        // Maps of different classes are meant to differ.
        let areClasses = members.contains { Self.role(of: prediction.rowNames[$0]).hasPrefix("class_") }
        compared = areClasses || members.count < 2 ? [] : members
    }

    /// MHIM's row of equal shares for the patches that may be masked, as yes and no.
    private static func masked(_ name: String, _ given: [Float], timesN: [Float]) -> PatchMap {
        PatchMap(
            name: name,
            title: name,
            quantity: .masked,
            given: given,
            values: timesN.map { $0 > 0.5 ? 1 : 0 },
            range: 0...1
        )
    }

    /// The rows whose mean the one map seems to be, for predictions that do not say it: all of them, or those of one role, such as
    /// the student's of every fold.
    private static func supposedMembers(of prediction: Prediction) -> [Int] {
        let every = Array(prediction.rowNames.indices)
        let byRole = Dictionary(grouping: every) { role(of: prediction.rowNames[$0]) }
        let candidates = [every] + byRole.values.sorted { $0[0] < $1[0] }
        return candidates.first { rows in
            prediction.attention.indices.allSatisfy { patch in
                let mean = rows.reduce(0) { $0 + prediction.branchAttention[$1][patch] } / Float(rows.count)
                return abs(mean - prediction.attention[patch]) <= 1e-5
                    * max(abs(mean), 1 / Float(prediction.attention.count))
            }
        } ?? every
    }

    /// The name of a row without its model.
    private static func role(of name: String) -> Substring { MapRow(name).role }

    /// For people: a class or label by its own name; a number that a model gives towards another target has none.
    private static func title(of name: String, classes: [String], kind: Target.Kind) -> String {
        let role = role(of: name)
        if ![.class, .labels].contains(kind), role.hasPrefix("class_") {
            return name.dropLast(role.count) + "output \(role.dropFirst("class_".count))"
        }
        guard role.hasPrefix("class_"), let label = Int(role.dropFirst("class_".count)), classes.indices.contains(label)
        else { return name }
        return name.dropLast(role.count) + classes[label]
    }

    /// How much the rows differ whose mean is the one map: their standard deviation (of all, not of a sample). nil where
    /// there are not several.
    ///
    /// Its scale ends at half of the rows' range, which is the most that numbers of that range can deviate.
    public var disagreement: PatchMap? {
        guard !compared.isEmpty else { return nil }
        let (count, rows) = (Float(compared.count), compared.map { self.rows[$0].values })
        let values = corners.indices.map { patch -> Float in
            let mean = rows.reduce(0) { $0 + $1[patch] } / count
            let squares = rows.reduce(0) { $0 + ($1[patch] - mean) * ($1[patch] - mean) }
            return (squares / count).squareRoot()
        }
        return PatchMap(
            name: "disagreement",
            title: "disagreement",
            quantity: .disagreement(main.quantity),
            given: values,
            values: values,
            range: 0...(main.range.upperBound - main.range.lowerBound) / 2
        )
    }

    /// The column of the one map as the model gave it; it is no share of the bag where it is a `score`.
    var mainColumn: String { main.quantity == .attention ? "attention" : "score" }

    /// The rows to be told beside the one map. A row that is all that its model has, with no other name, is that map itself.
    var further: [PatchMap] { rows.filter { $0.name != mainColumn } }

    /// The one map, every row that is not the same, and their disagreement.
    public var all: [PatchMap] {
        [main] + rows.filter { $0.given != main.given } + (disagreement.map { [$0] } ?? [])
    }
}
