import Files
import Foundation
import Records
import Testing

/// Slides are read in workers, whose death costs nothing that can be read again.
@Suite struct ReadingProcessTests {
    @Test func aWorkerThatDiesIsReplacedAndADamagedSlideCostsItsTilesAlone() async throws {
        let bench = try Bench()
        let review = try RunningReview(bench.layout.root)
        let client = try review.client()
        let tile = "/tile?slide=\(Bench.name.escaped)&z=4&x=5&y=1"
        let first = try await client.get(tile)
        #expect(first.status == 200 && first.body.starts(with: [0xFF, 0xD8]))
        let workers = review.children
        #expect(workers.count == 1, "one worker to a slide")
        for worker in workers { kill(worker, SIGKILL) }
        let second = try await client.get("/tile?slide=\(Bench.name.escaped)&z=4&x=6&y=1")
        #expect(second.status == 200)
        #expect(Set(review.children).isDisjoint(with: workers))
        // A slide that is no slide any more: the next worker cannot open it, and says so.
        try Data("gone".utf8).write(to: bench.slidePath)
        for worker in review.children { kill(worker, SIGKILL) }
        #expect(try await client.get("/tile?slide=\(Bench.name.escaped)&z=4&x=7&y=1").status == 422)
        #expect(try await client.get(tile).body == first.body, "what was cut before is still there")
        #expect(try await client.get("/api/worklist").status == 200)
    }

    @Test func theWorkersEndWithTheServer() async throws {
        let bench = try Bench()
        let review = try RunningReview(bench.layout.root)
        let client = try review.client()
        #expect(try await client.get("/tile?slide=\(Bench.name.escaped)&z=0&x=0&y=0").status == 200)
        let workers = review.children
        #expect(workers.count == 1)
        review.kill()
        // The end of its stdin ends a worker; a process that is gone has no folder in /proc.
        let alive: (pid_t) -> Bool = { FileManager.default.fileExists(atPath: "/proc/\($0)/exe") }
        let deadline = ContinuousClock.now + .seconds(20)
        while workers.contains(where: alive), ContinuousClock.now < deadline { await Task.yield() }
        #expect(!workers.contains(where: alive))
    }
}
