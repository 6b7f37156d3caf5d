import Foundation
import Records
import Testing

@testable import Evaluation

/// Probes beside numpy 2: each fold fitted anew, with the intercepts of groups.
@Suite struct CohortProbeTests {
    private let cases = (0..<24).map { "c\($0 / 2)" }
    private let groups = (0..<24).map { ($0 / 2) % 3 == 0 ? 1 : 0 }
    private let classes = (0..<24).map { ($0 / 2) % 2 }

    /// sin((7r + 1)(c + 2)·0.37) + 0.1·(r·c mod 5).
    static func rows(_ count: Int, _ width: Int) -> [[Double]] {
        (0..<count).map { (row: Int) -> [Double] in
            (0..<width).map { (column: Int) -> Double in
                let angle = Double(row * 7 + 1) * (Double(column + 2) * 0.37)
                return sin(angle) + 0.1 * Double((row * column) % 5)
            }
        }
    }

    private var products: DenseRows {
        let rows = Self.rows(24, 6)
        let scaled = FeatureScaling(rows)(rows)
        return scaled.products(with: scaled)
    }

    private func scores(_ strata: [Int], _ folds: [[Int]]) throws -> [Double] {
        let smoother = try #require(RidgeSmoother(products, penalty: 0.1, groups: strata, folds: folds))
        return smoother.scores(groups.map(Double.init))
    }

    private func isNear(_ found: [Double], _ wanted: [Double]) -> Bool {
        found.count == wanted.count && zip(found, wanted).allSatisfy { abs($0 - $1) < 1e-8 }
    }

    @Test func scoresOfAFoldAreThoseOfARegressionOnTheOthers() throws {
        let folds = [
            [6, 7, 10, 11, 20, 21], [8, 9, 14, 15, 22, 23], [0, 1, 12, 13], [16, 17, 18, 19], [2, 3, 4, 5],
        ]
        let wanted = [
            -0.3473051155289768, 0.04700547187312228, 0.440974447815619, -0.004522766431043479, 0.028379065885544945,
            -0.47587803273291485, -0.6795641925405759, -0.4083299072906054, 0.3395940091141873, -0.0022000690400681513,
            0.18005680491036197, -0.19768569629939875, -0.07492052019163975, 0.18991606031993138, 0.4937681100727098,
            0.12054266955914456, 0.22143456782803078, 0.044414690114678475, 0.1910443951987988, 0.07467397507306818,
            -0.19105402074267952, 0.13620652690554147, -0.2521053799734361, -0.0711709172603315,
        ]
        #expect(isNear(try scores(classes.map { _ in 0 }, folds), wanted))
    }

    @Test func withinClassesEveryClassHasItsIntercept() throws {
        let folds = [
            [12, 13, 16, 17, 22, 23], [4, 5, 6, 7, 14, 15], [8, 9, 18, 19], [0, 1, 2, 3], [10, 11, 20, 21],
        ]
        let wanted = [
            -0.21815437351805309, 0.24095028619810596, 0.37597178424642363, 0.03921668880675507, -0.07392841849959514,
            -0.5595455788714019, -0.5228400860231625, -0.3816101380688549, 0.3870017045934256, 0.12153634534102752,
            0.4431524564457658, -0.048884664747119104, -0.030407010929797883, 0.2874298772921715, 0.28964535507697314,
            0.002737607355313141, 0.10555580424601561, -0.008563929633108933, -0.022147937850658085,
            0.21403827516657783, -0.11836374500330671, 0.22181442876362484, -0.11779307602728331, -0.2347890613931681,
        ]
        let found = try scores(classes, folds)
        #expect(isNear(found, wanted))
        let area = try #require(ProbeFigure(strata: classes).area(found, positive: groups.map { $0 == 1 }))
        #expect(abs(area - 0.40625) < 1e-12)
    }

    @Test func aFoldThatHoldsAWholeClassIsNoProbe() {
        let folds = [(0..<24).filter { classes[$0] == 0 }, (0..<24).filter { classes[$0] == 1 }]
        #expect(RidgeSmoother(products, penalty: 0.1, groups: classes, folds: folds) == nil)
    }

    @Test func aFactorSolvesInvertsAndReduces() throws {
        let rows = [[4, 2, 0.4], [2, 5, 1], [0.4, 1, 3]]
        let wanted = [1.0, -2, 3]
        let right = rows.map { DenseRows.dot($0, wanted) }
        let factor = try #require(Cholesky(rows))
        #expect(zip(factor.solve(right), wanted).allSatisfy { abs($0 - $1) < 1e-12 })
        let inverse = DenseRows(count: 3, width: 3, values: factor.inverse)
        #expect(zip(inverse.times(right), wanted).allSatisfy { abs($0 - $1) < 1e-12 })
        let reduced = factor.reduced(DenseRows(count: 3, width: 1, values: right)).values
        #expect(abs(DenseRows.dot(reduced, reduced) - DenseRows.dot(right, wanted)) < 1e-12)
        #expect(Cholesky([[1, 1], [1, 1]]) == nil && Cholesky([[1, 2], [2, 1]]) == nil)
    }

    @Test func associationsAreCramersVAndTheCorrelationRatioOfRanks() throws {
        let thirds = ColumnSample(.groups((0..<24).map { $0 % 3 }, count: 3))
        let fifths = ColumnSample(.groups((0..<24).map { $0 % 5 < 2 ? 1 : 0 }, count: 2))
        let numbers = ColumnSample(.numbers((0..<24).map { Double(($0 * 5) % 7) }))
        #expect(abs(try #require(Association(with: fifths).value(thirds)) - 0.11952286093343938) < 1e-8)
        let grouped = ColumnSample(.groups(groups, count: 2))
        #expect(abs(try #require(Association(with: grouped).value(numbers)) - 0.032246210647973894) < 1e-8)
        #expect(
            Association(with: ColumnSample(.groups([0, 0], count: 1))).value(ColumnSample(.numbers([1, 2]))) == nil
        )
    }

    @Test func holmHoldsTheSmallestAgainstAllTests() {
        let found = Holm.adjusted([0.01, 0.04, 0.03, 0.005])
        #expect(zip(found, [0.03, 0.06, 0.06, 0.02]).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test func casesTradeTheirValueAsAWhole() {
        let shuffle = CaseShuffle(cases: cases, strata: classes, isWhole: true)
        var random = CounterRandom(seed: 1, "test")
        let places = shuffle.places(&random)
        #expect(places != Array(0..<24))
        for row in 0..<24 {
            #expect(places[row] == places[row / 2 * 2], "both slides of a case take one value")
            #expect(classes[places[row]] == classes[row], "and it is of a case of their class")
        }
        #expect(Set(places).count == 12)
    }

    @Test func slidesOfCasesWithSeveralValuesTradeOneForOne() {
        let owners = (0..<12).map { $0 < 6 ? "a\($0)" : "b\($0 / 3)" }
        let shuffle = CaseShuffle(cases: owners, strata: owners.map { _ in 0 }, isWhole: false)
        var random = CounterRandom(seed: 1, "test")
        let places = shuffle.places(&random)
        #expect(places.sorted() == Array(0..<12))
        #expect(places.prefix(6).allSatisfy { $0 < 6 }, "a case trades with cases of as many slides")
    }
}
