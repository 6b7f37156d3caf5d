import Files
import Foundation
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
    /// The attribute with what else has to be known of the rows of explanations, by their names.
    public static let explanationFacts = "wsi_explanation_facts"

    public static func text(biases: [String: Double]) throws -> String {
        String(decoding: try CanonicalJSON.line(biases), as: UTF8.self)
    }

    /// The texts of the root that tell of rows of explanations; none where there is nothing to tell.
    public static func attributes(
        explained rows: [(name: String, bias: Double?, facts: ExplanationFacts?)]
    ) throws -> [String: String] {
        func named<Value>(_ value: ((name: String, bias: Double?, facts: ExplanationFacts?)) -> Value?) -> [String:
            Value]
        {
            rows.reduce(into: [:]) { $0[$1.name] = value($1) }
        }
        let (known, facts) = (named(\.bias), named(\.facts))
        var texts: [String: String] = [:]
        if !known.isEmpty { texts[biases] = try text(biases: known) }
        if !facts.isEmpty { texts[explanationFacts] = String(decoding: try CanonicalJSON.line(facts), as: UTF8.self) }
        return texts
    }

    /// Of the rows that explain an output, in its unit; nil for other rows.
    public func bias(of row: String) -> Double? { named(Self.biases, Double.self)?[row] }

    /// Of the rows of explanations that have something to tell beside their values.
    public func explanationFacts(of row: String) -> ExplanationFacts? {
        named(Self.explanationFacts, ExplanationFacts.self)?[row]
    }

    private func named<Value: Decodable>(_ attribute: String, _: Value.Type) -> [String: Value]? {
        attributes[attribute].flatMap { try? JSONDecoder().decode([String: Value].self, from: Data($0.utf8)) }
    }

    /// Whether the bag looks like those of the training; nil in predictions of earlier versions, and where the attribute is of a
    /// later one.
    public var belonging: Belonging? {
        attributes[Self.belonging].flatMap { try? JSONDecoder().decode(Belonging.self, from: Data($0.utf8)) }
    }

    private static let belonging = "wsi_belonging"

    public static func attributes(_ belonging: Belonging) throws -> [String: String] {
        [Self.belonging: String(decoding: try CanonicalJSON.line(belonging), as: UTF8.self)]
    }

    /// What each fold says, where all of them judged a new slide; nil where the file does not have it.
    public var answersOfFolds: [Answer]? {
        prediction.answer.folds { name in
            attributes[Self.prefix + name].flatMap { try? JSONDecoder().decode(AnswerValue.self, from: Data($0.utf8)) }
        }
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
