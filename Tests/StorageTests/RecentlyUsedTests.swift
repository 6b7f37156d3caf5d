import Files
import Records
import Testing

@Suite struct RecentlyUsedTests {
    @Test func whatWasNotUsedForLongestGoesFirst() {
        var values = RecentlyUsed<String, Int>()
        for (key, value) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] { values[key] = value }
        #expect(values["a"] == 1)
        values["b"] = 20
        var removed: [Int] = []
        values.removeOldest {
            removed.append($0)
            return removed.count == 2
        }
        #expect(removed == [3, 4] && values.count == 2)
        #expect(values["c"] == nil && values["a"] == 1 && values["b"] == 20)
        values.removeOldest { _ in false }
        #expect(values.count == 0)
        values.removeOldest { _ in true }
    }

    @Test func aValueIsChangedInItsPlaceAndNilRemovesIt() {
        var values = RecentlyUsed<String, [Int]>()
        values["a"] = []
        values["b"] = [1]
        values["a"]?.append(7)
        values["c"]?.append(7)
        #expect(values["a"] == [7] && values.count == 2)
        values["a"] = nil
        #expect(values["a"] == nil && values.count == 1)
    }

    /// Against a list that is kept in order by hand.
    @Test func anyOrderOfUsesIsFollowed() {
        let seed = UInt64.random(in: 0 ... .max)
        var random = CounterRandom(seed: seed)
        var values = RecentlyUsed<Int, Int>()
        var order: [Int] = []
        for step in 0..<2000 {
            let key = random.index(below: 12)
            let isKnown = order.contains(key)
            #expect((values[key] != nil) == isKnown, "seed \(seed), step \(step)")
            if !isKnown, order.count >= 5 {
                var removed: Int?
                values.removeOldest {
                    removed = $0
                    return true
                }
                #expect(removed == order.removeFirst(), "seed \(seed), step \(step)")
            }
            values[key] = key
            order.removeAll { $0 == key }
            order.append(key)
            #expect(values.count == order.count)
        }
    }
}
