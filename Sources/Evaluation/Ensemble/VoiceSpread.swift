public import Records

/// How far the models of an ensemble agree on one bag.
public struct VoiceSpread: Equatable, Sendable {
    /// Of each number of the mean answer (each probability, the value, or the risk) the standard deviation over the models; nil of one
    /// model.
    public let sd: [Double]?
    /// The share of models whose own call is the ensemble's, of labels for each label; nil where nothing is called.
    public let agreement: [Double]?

    /// - Parameters:
    ///   - mean: of the models' answers, decided.
    ///   - voices: what each model says, with its own threshold.
    public init(of mean: Answer, voices: [Answer]) {
        let rows = voices.map(Self.numbers)
        sd =
            voices.count < 2
            ? nil
            : (rows.first ?? []).indices.map { place in
                let values = rows.compactMap { $0.indices.contains(place) ? $0[place] : nil }
                let middle = values.reduce(0, +) / Double(values.count)
                let squares = values.reduce(0) { $0 + ($1 - middle) * ($1 - middle) }
                return (squares / Double(max(1, values.count - 1))).squareRoot()
            }
        let calls = Self.calls(mean)
        agreement =
            calls.isEmpty || voices.isEmpty
            ? nil
            : calls.enumerated().map { place, call in
                Double(voices.count { Self.calls($0)[place] == call }) / Double(voices.count)
            }
    }

    /// Those that have a mean over models whatever curves they tell.
    private static func numbers(_ answer: Answer) -> [Double] {
        switch answer {
        case .class(let answer): answer.probabilities
        case .ordinal(let answer): answer.probabilities
        case .labels(let answer): answer.probabilities
        case .number(let answer): [answer.value]
        case .survival(let answer): [answer.risk]
        }
    }

    private static func calls(_ answer: Answer) -> [Int] {
        switch answer {
        case .class(let answer): [answer.called]
        case .ordinal(let answer): [answer.called]
        case .labels(let answer): answer.called.map { $0 ? 1 : 0 }
        case .number, .survival: []
        }
    }

    /// What the columns of `sd` are called, in order.
    public static func names(_ kind: Target.Kind, classes: [String]) -> [String] {
        switch kind {
        case .class, .ordinal, .labels: classes
        case .number: ["value"]
        case .survival: ["risk"]
        }
    }
}
