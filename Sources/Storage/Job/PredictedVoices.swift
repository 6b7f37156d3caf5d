import Files
public import Foundation
public import Records

/// What the models that predicted a slide say of one target, without the maps.
public struct PredictedVoices: Equatable, Sendable {
    /// nil where one is asked.
    public var target: String?
    public var classes: [String]
    /// That of the file: the mean of its folds.
    public var answer: Answer
    /// In the order of `answers`.
    public var folds: [Int]
    /// One for each fold.
    public var answers: [Answer]
    /// Whether risks are told in the measure of each model's own validation part.
    public var areRisksComparable: Bool

    public static let riskMeasureName = PredictionFile.prefix + "risk_measure"
    /// The one that there is.
    public static let riskMeasure = "validation_sd"

    /// - Returns: those of each target, the first one in front.
    /// - Throws: `StorageError` for a file that is no prediction.
    public static func all(in url: URL) throws -> [PredictedVoices] {
        let file = try HDF5File.open(url)
        let malformed = StorageError.malformed(
            path: url.path,
            reason: "not a prediction of wsi; run 'wsi predict' for this slide"
        )
        func text(_ name: String) throws -> String? { try file.root.value(PredictionFile.prefix + name)?.text }
        guard let names = try text("classes"),
            let classes = try? JSONDecoder().decode([String].self, from: Data(names.utf8)),
            let answer = try Answer(stored: { try file.root.value(PredictionFile.prefix + $0)?.ofAnswer }),
            case .integers(let folds) = try file.root.value("wsi_folds"), answer.fits(classes: classes.count)
        else { throw malformed }
        let first = PredictedVoices(
            target: try file.root.value(PredictionFile.targetName)?.text,
            classes: classes,
            answer: answer,
            folds: folds,
            answers: try answer.folds { name in
                try text(name).flatMap { try? JSONDecoder().decode(AnswerValue.self, from: Data($0.utf8)) }
            } ?? [answer],
            areRisksComparable: try file.root.value(riskMeasureName)?.text == riskMeasure
        )
        guard let others = PredictionFile.further(try file.root.value(PredictionFile.targetsName)?.text) else {
            throw malformed
        }
        return try [first]
            + others.map { told in
                guard let voices = told.voices(of: folds) else { throw malformed }
                return voices
            }
    }
}

extension FurtherAnswer {
    /// nil where the file is not what was written.
    fileprivate func voices(of folds: [Int]) -> PredictedVoices? {
        value.map { answer in
            PredictedVoices(
                target: name,
                classes: classes,
                answer: answer,
                folds: folds,
                answers: answersOfFolds ?? [answer],
                areRisksComparable: riskMeasure == PredictedVoices.riskMeasure
            )
        }
    }
}
