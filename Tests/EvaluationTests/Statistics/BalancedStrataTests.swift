import Testing

@testable import Evaluation

@Suite struct BalancedStrataTests {
    private func sizes(_ found: BalancedStrata) -> [Int] {
        Dictionary(grouping: found.strata) { $0 }.sorted { $0.key < $1.key }.map(\.value.count)
    }

    @Test func survivalIsCutByEventAndTime() {
        let times = (0..<40).map(Double.init)
        let found = BalancedStrata.survival(times: times, events: times.map { Int($0) % 2 == 0 }, folds: 5)
        #expect(sizes(found) == [5, 5, 5, 5, 5, 5, 5, 5] && found.note == nil)
        #expect(found.strata[0] == 0 && found.strata[38] == 3 && found.strata[1] == 4 && found.strata[39] == 7)
    }

    @Test func quantilesAreFewerWhereFoldsWouldGetNone() {
        let times = (0..<14).map(Double.init)
        let found = BalancedStrata.survival(times: times, events: times.map { $0 < 3 }, folds: 5)
        #expect(sizes(found) == [3, 5, 6] || sizes(found) == [3, 6, 5])
        #expect(found.note == "3 with the event for 5 folds: some folds get none")
    }

    @Test func equalNumbersStayTogether() {
        let found = BalancedStrata.numbers([0, 0, 0, 0, 0, 0, 0, 1, 2, 3], quantiles: 3, folds: 2)
        #expect(Set(found.strata.prefix(7)) == [0] && sizes(found).allSatisfy { $0 >= 2 } && found.note == nil)
        #expect(BalancedStrata.numbers([4, 4, 4, 4], folds: 2).strata == [0, 0, 0, 0])
        #expect(BalancedStrata.numbers([1], folds: 2).note == "1 for 2 folds: some folds get none")
        #expect(BalancedStrata.numbers([], folds: 2) == BalancedStrata(strata: [], note: nil))
    }

    @Test func everyStratumHasAMemberForEachFold() {
        for folds in 2...6 {
            for count in folds...60 {
                let values = (0..<count).map { Double($0 * $0 % 17) }
                let found = BalancedStrata.numbers(values, quantiles: 5, folds: folds)
                #expect(sizes(found).allSatisfy { $0 >= folds } && found.note == nil, "\(count) in \(folds)")
                #expect(Set(found.strata) == Set(0..<sizes(found).count))
            }
        }
    }

    @Test func rareSetsOfLabelsAreOne() {
        let common: [[Bool?]] = Array(repeating: [true, false], count: 4) + Array(repeating: [false, nil], count: 3)
        let found = BalancedStrata.labels([[true, true], [false, true]] + common, folds: 3)
        #expect(found.strata == [2, 2, 0, 0, 0, 0, 1, 1, 1])
        #expect(found.note == "2 with rare labels for 3 folds: some folds get none")
        #expect(BalancedStrata.labels(common, folds: 3).note == nil)
        #expect(BalancedStrata.labels(common, sets: 1, folds: 3).strata == [0, 0, 0, 0, 1, 1, 1])
    }
}
