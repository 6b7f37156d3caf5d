import Records
import Testing

/// The literals come from a second implementation of the documented recipe, written in another language.
@Suite struct CounterRandomTests {
    private func draws(_ count: Int, _ random: CounterRandom) -> [UInt64] {
        var random = random
        return (0..<count).map { _ in random.next() }
    }

    @Test func theNumbersNeverChange() {
        #expect(
            draws(3, CounterRandom(seed: 0)) == [
                0xA706_DD2F_4D19_7E6F, 0xB382_A305_F441_4F5E, 0x631A_9154_FBAB_F717,
            ]
        )
        #expect(
            draws(3, CounterRandom(seed: 7, "fold", 3)) == [
                0xA5EC_5F86_6812_0448, 0xE71C_28E7_2DE6_4A4A, 0x1AC1_1CC7_468E_38F8,
            ]
        )
    }

    @Test func uniformNumbersNeverChange() {
        var random = CounterRandom(seed: 7, "fold", 3)
        #expect(
            (0..<3).map { _ in random.uniform() } == [0.6481380179539613, 0.9027734341051651, 0.10450916161658419]
        )
    }

    @Test func permutationsAndIndicesNeverChange() {
        var shuffle = CounterRandom(seed: 42, "shuffle")
        #expect(shuffle.permutation(10) == [5, 3, 8, 7, 6, 2, 4, 0, 9, 1])
        var index = CounterRandom(seed: 42, "index")
        #expect((0..<12).map { _ in index.index(below: 6) } == [0, 4, 0, 3, 3, 5, 0, 1, 1, 0, 1, 5])
    }

    @Test func seedWordsAndTheirBordersAllMatter() {
        let keys = [
            CounterRandom(seed: 1), CounterRandom(seed: 2), CounterRandom(seed: 1, "a"), CounterRandom(seed: 1, "b"),
            CounterRandom(seed: 1, "ab", "c"), CounterRandom(seed: 1, "a", "bc"), CounterRandom(seed: 1, "abc"),
            CounterRandom(seed: 1, "abc", ""), CounterRandom(seed: 1, 1, 2), CounterRandom(seed: 1, 2, 1),
        ]
        #expect(Set(keys.map { draws(1, $0) }).count == keys.count)
    }

    @Test func aCopyGoesOnFromWhereItWasTaken() {
        var first = CounterRandom(seed: 5)
        _ = first.next()
        let copy = first
        #expect(draws(4, first) == draws(4, copy))
    }

    @Test(arguments: [0, 1, 2, 3, 100])
    func aPermutationHoldsEveryIndexOnce(count: Int) {
        var random = CounterRandom(seed: 9, count)
        #expect(random.permutation(count).sorted() == Array(0..<count))
    }

    @Test func everyIndexBelowTheBoundIsDrawnAboutEquallyOften() {
        var random = CounterRandom(seed: 3, "die")
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[random.index(below: 7)] += 1 }
        // Standard deviation 93; the draw is fixed, so this cannot fail by chance.
        #expect(counts.allSatisfy { abs($0 - 10_000) < 400 })
        #expect(random.index(below: 1) == 0)
        #expect((0..<1000).allSatisfy { _ in (0..<Int.max).contains(random.index(below: .max)) })
    }

    @Test func uniformNumbersStayInTheirRangeAndFillIt() {
        var random = CounterRandom(seed: 4)
        let values = (0..<10_000).map { _ in random.uniform(-2, 6) }
        #expect(values.allSatisfy { (-2..<6).contains($0) })
        #expect(abs(values.reduce(0, +) / 10_000 - 2) < 0.1)
        #expect((values.min() ?? 0) < -1.99 && (values.max() ?? 0) > 5.99)
    }
}
