import Records
import Testing

@testable import Pipeline

@Suite struct SelectionTests {
    @Test(arguments: ["0/4", "5/4", "1/0", "1", "a/b", "-1/4", "1/4/2", " 1/4", "1/100001", "99999999999999999999/4"])
    func whatIsNoPartOfAWholeIsNoShard(text: String) { #expect(Shard(text) == nil) }

    /// Golden: another build, machine or year must cut a cohort the same way.
    @Test func aSlidesShardFollowsFromItsIdAlone() throws {
        let ids = try ["a", "S12", "TCGA-CR-7395-01A-01-TS1", "größe"].map { try SlideID($0) }
        let numbers = ids.map { id in (1...8).filter { Shard("\($0)/8")?.contains(id) == true } }
        #expect(numbers == [[3], [6], [2], [8]])
    }

    @Test func everySlideIsInExactlyOneShardAndShardsAreAboutEqual() throws {
        let shards = try (1...4).map { try #require(Shard("\($0)/4")) }
        let ids = try (1...1000).map { try SlideID("slide_\($0)") }
        #expect(ids.allSatisfy { id in shards.count { $0.contains(id) } == 1 })
        #expect(shards.allSatisfy { shard in (200...300).contains(ids.count { shard.contains($0) }) })
    }

    @Test func canonicallyEqualIdsAreInOneShard() throws {
        let shard = try #require(Shard("1/7"))
        #expect(try shard.contains(SlideID("caf\u{E9}")) == shard.contains(SlideID("cafe\u{301}")))
    }
}
