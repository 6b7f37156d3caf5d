/// What an answer is made of, as prediction files and pages have it.
public enum AnswerValue: Codable, Equatable, Sendable {
    case whole(Int)
    case number(Double)
    case numbers([Double])
    /// Such as one row for each fold.
    case rows([[Double]])

    var number: Double? { if case .number(let value) = self { value } else { nil } }
    var numbers: [Double]? { if case .numbers(let values) = self { values } else { nil } }
    var rows: [[Double]]? { if case .rows(let rows) = self { rows } else { nil } }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let rows = try? container.decode([[Double]].self) {
            self = .rows(rows)
        } else if let numbers = try? container.decode([Double].self) {
            self = .numbers(numbers)
        } else {
            self = .number(try container.decode(Double.self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .whole(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .numbers(let values): try container.encode(values)
        case .rows(let rows): try container.encode(rows)
        }
    }
}
