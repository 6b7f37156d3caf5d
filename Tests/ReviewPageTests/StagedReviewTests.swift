import Files
import Foundation
import Records
import Storage
import TestSupport
import Testing

/// Slides that are copied to this machine when their page is opened.
@Suite struct StagedReviewTests {
    private let bench: Bench
    private let slide = "slide=\(Bench.name.escaped)"
    private var stage: URL { bench.root.appending(path: "stage") }

    init() throws { bench = try Bench() }

    private var copies: [String] {
        Scratch.tree(stage).keys.map { URL(filePath: $0).lastPathComponent }.sorted()
    }

    private func told(_ client: Client, _ slide: String) async throws -> JSONValue {
        let answer = try await client.get("/api/slide?\(slide)&model=\(Bench.model)")
        try #require(answer.status == 200, "\(answer.text)")
        return try JSONDecoder().decode(JSONValue.self, from: answer.body)
    }

    /// Asks as the page does, until the slide is no longer on its way.
    private func arrival(_ client: Client, _ slide: String) async throws -> JSONValue {
        while true {
            let told = try await told(client, slide)
            if told["coming"] == .bool(false) { return told }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// A client that brings the bench's slide once it may.
    private func client() throws -> String {
        let script = bench.root.appending(path: "client")
        let text = """
            #!/bin/sh
            until [ -e '\(bench.root.path)/go' ]; do sleep 0.05; done
            cp '\(bench.slidePath.path)' "$2"
            """
        try Data(text.utf8).write(to: script)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
        try CanonicalJSON.write(
            ["slides": [Bench.name: "s3://bucket/squares.tif"]],
            to: bench.layout.audit.appending(path: "slides/bench.json")
        )
        return "'\(script.path)' {from} {to}"
    }

    @Test func mapsAndPictureAreThereAtOnceAndTilesWhenTheCopyIs() async throws {
        let review = try RunningReview(
            bench.layout.root,
            flags: ["--stage", stage.path, "--stage-command", try client()]
        )
        let client = try review.client()
        let coming = try await told(client, slide)
        #expect(coming["coming"] == .bool(true) && coming["tiles"] == .bool(false))
        #expect(coming["problem"]?.string?.contains("is being copied") == true)
        #expect(coming["pyramid"]?["size"]?["width"] == .number(Double(Bench.size.width)))
        #expect(try await client.get("/thumbnail?\(slide)").status == 200)
        let overlay = "/overlay?\(slide)&model=\(Bench.model)&map=0&z=0&x=0&y=0&scale=absolute&colours=dune&from=0"
        let early = try await client.get(overlay)
        #expect(early.status == 200, "\(early.text)")
        #expect(try await client.get("/tile?\(slide)&z=4&x=5&y=1").status == 503)
        try Data().write(to: bench.root.appending(path: "go"))
        let there = try await arrival(client, slide)
        #expect(there["tiles"] == .bool(true) && there["problem"] == nil)
        // What the bench has on record as bounds is made up.
        #expect(there["pyramid"]?["size"] == coming["pyramid"]?["size"])
        #expect(try await client.get("/tile?\(slide)&z=4&x=5&y=1").status == 200)
        #expect(try await client.get(overlay).body == early.body)
        #expect(copies.count == 1)
        review.end(by: SIGTERM)
        #expect(Scratch.names(in: stage).isEmpty)
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aServerThatEndsTakesHalfACopyWithIt(signal: Int32) async throws {
        let review = try RunningReview(
            bench.layout.root,
            flags: ["--stage", stage.path, "--stage-command", try client()]
        )
        let client = try review.client()
        #expect(try await told(client, slide)["coming"] == .bool(true))
        while review.children.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        let children = review.children
        review.end(by: signal)
        #expect(children.allSatisfy { ProcessState.of($0)?.hasEnded != false })
        #expect(Scratch.names(in: stage).isEmpty)
    }

    @Test func withoutAStageASlideInAStoreSaysHowToGetItsTiles() async throws {
        _ = try client()
        let review = try RunningReview(bench.layout.root)
        let told = try await told(try review.client(), slide)
        #expect(told["problem"]?.string?.contains("--stage DIR") == true)
        #expect(told["tiles"] == .bool(false) && told["coming"] == .bool(false) && told["pyramid"] != nil)
    }

    @Test func whereASecondSlideNeedsTheRoomTheFirstOneGoes() async throws {
        try bench.addSlide("S2")
        let size = try #require(try FileManager.default.attributesOfItem(atPath: bench.slidePath.path)[.size] as? Int)
        let review = try RunningReview(
            bench.layout.root,
            flags: ["--stage", stage.path, "--stage-size", "\(size + 10)"]
        )
        let client = try review.client()
        for name in [slide, "slide=S2", slide] {
            #expect(try await arrival(client, name)["tiles"] == .bool(true))
            #expect(copies.count == 1)
            #expect(try await client.get("/tile?\(name)&z=4&x=5&y=1").status == 200)
        }
        review.end(by: SIGINT)
        #expect(Scratch.names(in: stage).isEmpty)
    }
}

extension Scratch {
    fileprivate static func names(in folder: URL) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    }
}
