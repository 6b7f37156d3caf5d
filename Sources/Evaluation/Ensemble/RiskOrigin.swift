import Files
public import Records

/// What makes the risks of different models comparable: each model's are told in standard deviations from the mean of what the same
/// model says of its validation part, so that no model weighs more because its risks lie further apart.
public struct RiskOrigin: Equatable, Sendable {
    public let mean: Double
    /// Above 0.
    public let sd: Double

    /// Of the validation part or, where that has no two different risks, of the training part.
    init(validation: [Answer], training: [Answer]) {
        self = Self.fitted(validation) ?? Self.fitted(training) ?? RiskOrigin(mean: 0, sd: 1)
    }

    private init(mean: Double, sd: Double) { (self.mean, self.sd) = (mean, sd) }

    private static func fitted(_ answers: [Answer]) -> RiskOrigin? {
        let risks = answers.compactMap(\.ofSurvival?.risk)
        guard risks.count > 1 else { return nil }
        let mean = risks.reduce(0, +) / Double(risks.count)
        let sd = (risks.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(risks.count - 1)).squareRoot()
        return sd > 0 && sd.isFinite ? RiskOrigin(mean: mean, sd: sd) : nil
    }

    /// Survival is a probability, and stays; other answers too.
    public func callAsFunction(_ answer: Answer) -> Answer {
        guard let own = answer.ofSurvival else { return answer }
        return .survival(SurvivalAnswer(risk: (own.risk - mean) / sd, times: own.times, survival: own.survival))
    }
}

extension RiskOrigin {
    /// Of a fold's own table.
    /// - Parameter target: of several targets the one that is meant; nil: the first, or the only one.
    /// - Returns: nil where the fold has none, or asks for no survival.
    /// - Throws: `StorageError` for a table that cannot be read.
    public init?(of fold: FoldFolder, target: String? = nil) throws {
        guard try RegularFile.exists(fold.predictions(of: target)) else { return nil }
        let predictions = try FoldPredictions(folder: fold.url, target: target)
        let told = { (part: String) in predictions.part(part).map(\.judged.answer) }
        guard predictions.rows.first?.judged.answer.kind == .survival else { return nil }
        self.init(validation: told("validation"), training: told("train"))
    }
}

extension TrainedFolds {
    /// The same with the risks of each fold's model in that model's own measure; what is no survival is as it was.
    var comparable: TrainedFolds {
        guard kind == .survival else { return self }
        return replacing { fold in
            let origin = fold.riskOrigin
            return fold.predictions.rows.map { row in
                var row = row
                row.judged.answer = origin(row.judged.answer)
                return row
            }
        }
    }
}

extension TrainedFolds.Fold {
    var riskOrigin: RiskOrigin {
        RiskOrigin(
            validation: predictions.part("validation").map(\.judged.answer),
            training: predictions.part("train").map(\.judged.answer)
        )
    }
}
