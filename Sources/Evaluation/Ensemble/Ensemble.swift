public import Records

/// What several models of a training say of one bag, as one: the mean of their answers, and how far they agree.
public struct Ensemble: Equatable, Sendable {
    public let answer: Answer
    public let spread: VoiceSpread
    /// How many models speak.
    public let count: Int

    /// - Parameters:
    ///   - voices: what each model says, with its own threshold; risks in the measure of each model's own validation part.
    ///   - curves: of survival, what tells it, where that is not the voices themselves: means over the folds of each seed.
    /// - Returns: nil without voices, and where they are not of one kind.
    public init?(voices: [Answer], curves: [Answer]? = nil) {
        guard var mean = Answer.mean(.ofSeeds, of: voices.alikeTold) else { return nil }
        if let own = mean.ofSurvival, let told = curves.flatMap({ Answer.mean(.ofSeeds, of: $0.alikeTold) })?.ofSurvival
        {
            mean = .survival(SurvivalAnswer(risk: own.risk, times: told.times, survival: told.survival))
        }
        (answer, count) = (mean, voices.count)
        spread = VoiceSpread(of: mean, voices: voices)
    }

    /// Columns of a table beside those of a bag's name.
    public static func columns(_ kind: Target.Kind, classes: [String]) -> [String] {
        let calls =
            switch kind {
            case .class, .ordinal: ["agreement"]
            case .labels: classes.map { "agreement_\($0)" }
            case .number, .survival: [String]()
            }
        return ["models", "predicted"] + Answer.columns(of: kind, classes: classes, isCalibrated: false)
            + VoiceSpread.names(kind, classes: classes).map { "sd_\($0)" } + calls
    }

    /// In the order of `columns`; empty where one model has no spread.
    public func cells(among classes: [String]) -> [String] {
        let sds = spread.sd.map { $0.map { "\($0)" } }
        let none = VoiceSpread.names(answer.kind, classes: classes).map { _ in "" }
        return ["\(count)", answer.name(among: classes)] + answer.cells(isCalibrated: false) + (sds ?? none)
            + (spread.agreement ?? []).map { "\($0)" }
    }
}
