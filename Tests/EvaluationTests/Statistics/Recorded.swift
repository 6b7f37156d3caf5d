import Foundation
import Testing

@testable import Evaluation

/// A number that a reference records, or many.
enum Recorded: Decodable {
    case number(Double)
    case list([Recorded])
    case table([String: Recorded])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let list = try? container.decode([Recorded].self) {
            self = .list(list)
        } else {
            self = .table(try container.decode([String: Recorded].self))
        }
    }

    subscript(_ name: String) -> Recorded {
        get throws {
            guard case .table(let table) = self else { throw Absent(name: name) }
            return try #require(table[name], "\(name) is not recorded")
        }
    }

    var number: Double {
        get throws {
            guard case .number(let number) = self else { throw Absent(name: "a number") }
            return number
        }
    }

    var list: [Recorded] {
        get throws {
            guard case .list(let list) = self else { throw Absent(name: "a list") }
            return list
        }
    }

    var numbers: [Double] { get throws { try list.map { try $0.number } } }
    var integers: [Int] { get throws { try numbers.map { Int($0) } } }
    var rows: [[Double]] { get throws { try list.map { try $0.numbers } } }
    var flags: [Bool] { get throws { try numbers.map { $0 > 0 } } }

    struct Absent: Error { let name: String }
}

/// The samples of StatisticsReferences, and the figures that other libraries give for them.
struct StatisticsSample {
    let data: Recorded
    let expected: Recorded
    let train: FollowUp
    let test: FollowUp
    let risks: [Double]
    let times: [Double]
    let fold: [Int]
    /// How often each row counts.
    let weights: [Int]
    private let suffix: String

    init(weighted: Bool) throws {
        func decoded(_ text: String) throws -> Recorded {
            try JSONDecoder().decode(Recorded.self, from: Data(text.utf8))
        }
        data = try decoded(StatisticsReferences.data)
        expected = try decoded(StatisticsReferences.expected)
        train = FollowUp(times: try data["train_time"].numbers, events: try data["train_event"].flags)
        test = FollowUp(times: try data["time"].numbers, events: try data["event"].flags)
        (risks, times, fold) = (try data["risk"].numbers, try data["times"].numbers, try data["fold"].integers)
        weights = weighted ? try data["weights"].integers : risks.map { _ in 1 }
        suffix = weighted ? "_weighted" : ""
    }

    func wanted(_ name: String) throws -> Recorded { try expected[name + suffix] }

    func censoring() throws -> CensoringCurve { try CensoringCurve.fitted(train).get() }

    /// Of the training part of each fold.
    func foldCensoring() throws -> [CensoringCurve] {
        let folds = try data["train_fold"].integers
        return try [0, 1].map { fold in
            let rows = folds.indices.filter { folds[$0] == fold }
            return try CensoringCurve.fitted(
                FollowUp(times: rows.map { train.times[$0] }, events: rows.map { train.events[$0] })
            ).get()
        }
    }
}

/// Whether numbers agree to 1e-8, of large ones to as many digits.
func matches(_ found: [Double], _ wanted: [Double]) -> Bool {
    found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-8 * max(1, abs($1)) }
}

func matches(_ found: Double, _ wanted: Double) -> Bool { matches([found], [wanted]) }
