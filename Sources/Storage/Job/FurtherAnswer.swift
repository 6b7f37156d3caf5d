import Files
import Foundation
public import Records

/// What a model says of one of several targets beside the first, whose answer is the prediction's own. Prediction files have all of them
/// in the attribute `wsi_targets`.
public struct FurtherAnswer: Codable, Equatable, Sendable {
    public var name: String
    public var kind: Target.Kind
    /// As `Cohort.classes`.
    public var classes: [String]
    /// As prediction files have an answer, without `wsi_` before the names.
    private var answer: [String: AnswerValue]
    private var folds: [String: AnswerValue]?
    /// As `wsi_risk_measure` of the file; nil where risks are as the model tells them.
    public var riskMeasure: String?

    /// - Parameter folds: those whose mean the answer is, where all of them judged a new slide.
    public init(_ question: Question, answer: Answer, folds: [Answer]?) {
        (name, kind, classes) = (question.name, question.kind, question.classes)
        self.answer = Dictionary(uniqueKeysWithValues: answer.stored.map { ($0.name, $0.value) })
        self.folds = folds.map { Answer.stored(folds: $0) }
    }

    /// nil where the file is not what was written.
    public var value: Answer? {
        Answer { answer[$0] }.flatMap { $0.kind == kind && $0.fits(classes: classes.count) ? $0 : nil }
    }

    /// What each fold says, where all of them judged a new slide.
    var answersOfFolds: [Answer]? { value?.folds { folds?[$0] } }

    /// Of several seeds the mean; no value where their risks have no common measure.
    init?(mean answers: [FurtherAnswer]) {
        if let first = answers.first, first.kind == .survival, answers.contains(where: { $0.riskMeasure == nil }) {
            self = first
            (answer, folds, riskMeasure) = ([:], nil, nil)
            return
        }
        let values = answers.compactMap(\.value)
        guard let first = answers.first, values.count == answers.count, let mean = Answer.mean(.ofSeeds, of: values)
        else { return nil }
        self.init(Question(name: first.name, kind: first.kind, classes: first.classes), answer: mean, folds: nil)
        riskMeasure = first.riskMeasure
    }

    /// In words, such as `grade: P(high) 0.931`.
    public var words: String {
        let shown = value?.words(among: classes)
        if shown == nil, kind == .survival { return "\(name): \(SurvivalAnswer.noJointRisk)" }
        return
            "\(name): \(([shown?.result, shown?.call].compactMap { $0 }).filter { !$0.isEmpty }.joined(separator: ", "))"
    }
}

extension PredictionFile {
    static let targetName = prefix + "target"
    static let targetsName = prefix + "targets"

    /// The texts of the root that tell of several targets.
    /// - Parameter first: the name of the one whose answer the prediction's own is.
    public static func attributes(target first: String, further: [FurtherAnswer]) throws -> [String: String] {
        [targetName: first, targetsName: String(decoding: try CanonicalJSON.line(further), as: UTF8.self)]
    }

    /// The name of the target that the answer is of; nil where only one is asked.
    public var target: String? { attributes[Self.targetName] }

    /// What is said of the other targets.
    /// A file that was read has what can be read.
    public var further: [FurtherAnswer] { Self.further(attributes[Self.targetsName]) ?? [] }

    /// - Returns: none where the file has no such text; nil where it is not what was written.
    static func further(_ text: String?) -> [FurtherAnswer]? {
        guard let text else { return [] }
        return try? JSONDecoder().decode([FurtherAnswer].self, from: Data(text.utf8))
    }

    /// With the means of what several files say of the other targets.
    /// - Throws: `StorageError.malformed` where they do not say something of the same ones.
    mutating func joinFurther(of files: [PredictionFile]) throws {
        guard let target else { return }
        let all = files.map(\.further)
        let means = further.indices.compactMap { place in
            FurtherAnswer(mean: all.compactMap { $0.indices.contains(place) ? $0[place] : nil })
        }
        guard Set(all.map { $0.map(\.name) }).count == 1, means.count == further.count else {
            throw StorageError.malformed(
                path: prediction.slide.text,
                reason: "its predictions by several seeds are not of the same targets; run 'wsi predict' for this slide"
            )
        }
        attributes.merge(try Self.attributes(target: target, further: means)) { $1 }
    }
}
