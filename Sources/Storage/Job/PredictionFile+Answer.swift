import Files
public import Foundation
public import Records

extension PredictionFile {
    /// Of all names of the root that are ours.
    static let prefix = "wsi_"

    /// The texts of the root that tell of the folds whose mean an answer is.
    public static func attributes(folds: [Answer]) throws -> [String: String] {
        let texts = try Answer.stored(folds: folds).map { name, value in
            (prefix + name, String(decoding: try CanonicalJSON.line(value), as: UTF8.self))
        }
        return Dictionary(uniqueKeysWithValues: texts)
    }

    /// The attribute with what of each output is in no patch, by the name of the explanation's row.
    public static let biases = "wsi_explanation_bias"

    public static func text(biases: [String: Double]) throws -> String {
        String(decoding: try CanonicalJSON.line(biases), as: UTF8.self)
    }

    /// Of the rows that explain an output, in its unit; nil for other rows.
    public func bias(of row: String) -> Double? {
        attributes[Self.biases].flatMap { try? JSONDecoder().decode([String: Double].self, from: Data($0.utf8)) }?[row]
    }

    /// What each fold says, where all of them judged a new slide; nil where the file does not have it.
    public var answersOfFolds: [Answer]? {
        prediction.answer.folds { name in
            attributes[Self.prefix + name].flatMap { try? JSONDecoder().decode(AnswerValue.self, from: Data($0.utf8)) }
        }
    }
}

/// What the models that predicted a slide say, without the maps.
public struct PredictedVoices: Equatable, Sendable {
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

    /// - Throws: `StorageError` for a file that is no prediction.
    public init(contentsOf url: URL) throws {
        let file = try HDF5File.open(url)
        func text(_ name: String) throws -> String? { try file.root.value(PredictionFile.prefix + name)?.text }
        guard let names = try text("classes"),
            let classes = try? JSONDecoder().decode([String].self, from: Data(names.utf8)),
            let answer = try Answer(stored: { try file.root.value(PredictionFile.prefix + $0)?.ofAnswer }),
            case .integers(let folds) = try file.root.value("wsi_folds"), answer.fits(classes: classes.count)
        else {
            throw StorageError.malformed(
                path: url.path,
                reason: "not a prediction of wsi; run 'wsi predict' for this slide"
            )
        }
        (self.classes, self.answer, self.folds) = (classes, answer, folds)
        answers =
            try answer.folds { name in
                try text(name).flatMap { try? JSONDecoder().decode(AnswerValue.self, from: Data($0.utf8)) }
            } ?? [answer]
        areRisksComparable = try file.root.value(Self.riskMeasureName)?.text == Self.riskMeasure
    }
}

extension HDF5Value {
    init(_ value: AnswerValue) throws {
        switch value {
        case .whole(let number): self = .integer(number)
        case .number(let number): self = .number(number)
        case .numbers(let numbers): self = .numbers(numbers)
        case .rows(let rows): self = .text(String(decoding: try CanonicalJSON.line(rows), as: UTF8.self))
        }
    }

    /// nil for what no answer is made of.
    var ofAnswer: AnswerValue? {
        switch self {
        case .integer(let number): .number(Double(number))
        case .number(let number): .number(number)
        case .numbers(let numbers): .numbers(numbers)
        case .integers, .text: nil
        }
    }
}
