import Evaluation
import Foundation
import Records
import Storage
import Testing

@testable import ReviewPage

/// The figures of agreement are those that the literature calls so.
@Suite struct AgreementStatisticsTests {
    private typealias Statistics = AgreementStatistics

    /// Every thing of a table once for each time that it was counted.
    private static func rows(_ table: [[Int]]) -> [[Int]] {
        table.enumerated().flatMap { first, counts in
            counts.enumerated().flatMap { second, count in [[Int]](repeating: [first, second], count: count) }
        }
    }

    private static func ones(_ rows: [[Int]]) -> [Int] { [Int](repeating: 1, count: rows.count) }

    struct Published: Sendable {
        let table: [[Int]]
        let raw: Double
        let chance: Double
        /// As it is printed.
        let kappa: Double
    }

    private static let published = [
        // Cohen 1960: of 200 subjects 140 are agreed on, 82 by chance.
        Published(table: [[88, 14, 18], [10, 40, 10], [2, 6, 12]], raw: 0.7, chance: 0.41, kappa: 0.492),
        // Cohen 1960, of proportions: worse than chance.
        Published(table: [[25, 13, 12], [12, 2, 16], [3, 15, 2]], raw: 0.29, chance: 0.35, kappa: -0.092),
        // Feinstein and Cicchetti 1990: one agreement, but κ of 0.70 and 0.32 by the shares of the classes.
        Published(table: [[40, 9], [6, 45]], raw: 0.85, chance: 0.5008, kappa: 0.70),
        Published(table: [[80, 10], [5, 5]], raw: 0.85, chance: 0.78, kappa: 0.32),
        Published(table: [[5, 0], [0, 5]], raw: 1, chance: 0.5, kappa: 1),
        Published(table: [[0, 5], [5, 0]], raw: 0, chance: 0.5, kappa: -1),
    ]

    private static func isNear(_ value: Double?, _ wanted: Double, by distance: Double = 1e-12) -> Bool {
        value.map { abs($0 - wanted) < distance } ?? false
    }

    @Test(arguments: published)
    func cohensKappaIsThatOfPublishedTables(one: Published) {
        let rows = Self.rows(one.table)
        #expect(Self.isNear(Statistics.raw(rows, Self.ones(rows)), one.raw))
        let kappa = Statistics.cohen(rows, Self.ones(rows))
        #expect(
            Self.isNear(kappa, (one.raw - one.chance) / (1 - one.chance)) && Self.isNear(kappa, one.kappa, by: 0.005)
        )
        #expect(Statistics.table(rows, categories: one.table.count) == one.table)
        // The table's cells with their counts for weights say the same.
        let cells = one.table.indices.flatMap { first in one.table.indices.map { [first, $0] } }
        #expect(Statistics.cohen(cells, one.table.flatMap(\.self)) == kappa)
    }

    /// Fleiss 1971, table 1: diagnoses of 30 patients by six psychiatrists each; depression, personality disorder,
    /// schizophrenia, neurosis, other.
    private static let diagnoses = """
        00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 00501 30012 51000 02040
        10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
        """

    @Test func fleissKappaIsThatOfHisExample() throws {
        let rows = Self.diagnoses.split(whereSeparator: \.isWhitespace).map { counts in
            counts.enumerated().flatMap { [Int](repeating: $0, count: $1.wholeNumberValue ?? 0) }
        }
        #expect(rows.count == 30 && rows.allSatisfy { $0.count == 6 })
        #expect(Self.isNear(Statistics.raw(rows, Self.ones(rows)), 0.5556, by: 5e-5))
        #expect(Self.isNear(Statistics.fleiss(rows, Self.ones(rows)), 0.4302, by: 5e-5))
        #expect(Statistics.fleiss(rows + rows, Self.ones(rows + rows)) == Statistics.fleiss(rows, rows.map { _ in 2 }))
    }

    @Test func whatIsNotDefinedIsNil() {
        for kappa in [Statistics.cohen, Statistics.fleiss] {
            #expect(kappa([], []) == nil)
            #expect(kappa([[0, 0], [0, 0]], [1, 1]) == nil, "one class alone")
            #expect(kappa([[0, 0], [1, 1]], [3, 0]) == nil, "a resample of one class alone")
        }
        #expect(Statistics.cohen([[0, 0], [0, 1]], [1, 1]) == 0, "one rater always says the same")
        #expect(Statistics.raw([], []) == nil && Statistics.raw([[0, 0]], [0]) == nil)
    }

    @Test func aResampleTakesWholeCases() {
        // Case A has five slides, B two and C one.
        let cases = ["A", "B", "A", "A", "C", "B", "A", "A"]
        var seen: Set<[Int]> = []
        _ = Bootstrap(resamples: 200, purpose: "agreement").estimates(cases: cases, undefined: [""]) { weights in
            for (place, name) in cases.enumerated() {
                #expect(cases.firstIndex(of: name).map { weights[$0] } == weights[place], "\(weights)")
            }
            #expect(weights[0] + weights[1] + weights[4] == 3, "as many cases as there are")
            seen.insert([weights[0], weights[1], weights[4]])
            return [1]
        }
        #expect(seen.count == 10, "all that three cases can be drawn as")
    }

    @Test func intervalsAreTheSameEachTimeAndWiderByCase() throws {
        let rows = Self.rows([[40, 9], [6, 45]])
        func kappa(_ cases: [String], seed: UInt64 = 0) -> Estimate? {
            Bootstrap(seed: seed, purpose: "agreement").estimates(cases: cases, undefined: [""]) {
                [Statistics.cohen(rows, $0)]
            }.first
        }
        let own = rows.indices.map(String.init)
        let alone = try #require(kappa(own))
        #expect(alone == kappa(own) && alone != kappa(own, seed: 1))
        let bounds = try #require(alone.interval)
        // The large-sample interval of Fleiss, Cohen and Everitt 1969 is 0.56 to 0.84.
        #expect(abs(bounds[0] - 0.56) < 0.02 && abs(bounds[1] - 0.84) < 0.02, "\(bounds)")
        // Ten neighbouring slides with mostly one answer are far less than ten cases.
        let clustered = try #require(kappa(own.map { String((Int($0) ?? 0) / 10) })?.interval)
        #expect(clustered[1] - clustered[0] > bounds[1] - bounds[0])
        let one = try #require(kappa(rows.map { _ in "A" }))
        #expect(one.value == alone.value && one.interval == nil && one.reason == "an interval wants two cases")
    }
}
