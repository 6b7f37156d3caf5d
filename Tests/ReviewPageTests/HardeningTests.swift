import Foundation
import HTTPTypes
import Records
import Storage
import Testing

@testable import Files
@testable import ReviewPage

/// What the server answers where a job or a client is hostile; scripts/server-test asks the built program much more.
@Suite struct HardeningTests {
    let bench: Bench
    let thumbnail: URL
    var path: String { "/thumbnail?slide=\(Bench.name.escaped)" }

    init() throws {
        bench = try Bench()
        thumbnail = bench.layout.thumbnails.appending(path: "\(Bench.name).jpg")
    }

    private func replaceThumbnail(by target: URL) throws {
        try FileManager.default.removeItem(at: thumbnail)
        try FileManager.default.createSymbolicLink(at: thumbnail, withDestinationURL: target)
    }

    @Test func aPictureThatIsALinkOutOfTheJobIsRefusedByNameUnlessItsFolderIsAllowed() async throws {
        let outside = bench.root.appending(path: "outside/a.jpg")
        try AtomicFile.write(try Data(contentsOf: thumbnail), to: outside)
        try replaceThumbnail(by: outside)
        try JobFence.raise(around: bench.layout.root, reads: true)
        try await Client.with(bench.server()) { client in
            let answer = try await client.get(path)
            #expect(answer.status == 403)
            #expect(answer.text.contains("thumbnails/\(Bench.name).jpg is a link out of the job; "), "\(answer.text)")
            #expect(answer.headers["x-content-type-options"] == "nosniff")
        }
        let folder = outside.deletingLastPathComponent()
        try JobFence.raise(around: bench.layout.root, following: [folder], reads: true)
        let answer = try await Client.with(bench.server()) { try await $0.get(path) }
        #expect(answer.status == 200)
    }

    @Test func decisionsAreNotAppendedToWhatALinkLeadsTo() async throws {
        let outside = bench.root.appending(path: "profile")
        try AtomicFile.write("mine", to: outside)
        try JobFence.raise(around: bench.layout.root, reads: true)
        let log = bench.layout.decisions.appending(path: "\(Bench.name).jsonl")
        try AtomicFile.createFolder(bench.layout.decisions)
        try FileManager.default.createSymbolicLink(at: log, withDestinationURL: outside)
        #expect(throws: StorageError.self) { try Journal.append("word", to: log) }
        let slide = "/api/slide?slide=\(Bench.name.escaped)"
        try await Client.with(bench.server()) { client in
            let answer = try await client.get(slide)
            #expect(answer.status == 403)
            // The other slides are still there, and the row says what is wrong with this one.
            let list = try await client.get("/api/worklist")
            #expect(list.status == 200 && list.text.contains("its decisions cannot be read: "), "\(list.text)")
        }
        #expect(try String(contentsOf: outside, encoding: .utf8) == "mine")
    }

    @Test func whatIsNoPictureIsNotGivenAwayAsOne() async throws {
        try JobFence.raise(around: bench.layout.root, reads: true)
        try await Client.with(bench.server()) { client in
            for (content, status) in [("<html><script>1</script>", 415), ("", 415), ("\u{FF}\u{D8}", 415)] {
                try AtomicFile.write(content, to: thumbnail)
                #expect(try await client.get(path).status == status, "\(content)")
            }
            try FileManager.default.removeItem(at: thumbnail)
            #expect(mkfifo(thumbnail.path, 0o600) == 0)
            #expect(try await client.get(path).status == 404)
        }
    }

    @Test func aBodyThatIsTooLargeOrTooDeepIsRefusedInWords() async throws {
        let path = "/api/decision?slide=\(Bench.name.escaped)"
        let json = ["Content-Type": "application/json"]
        try await Client.with(bench.server()) { client in
            let large = try await client.post(
                path,
                String(repeating: " ", count: ServerLimits.bodyBytes + 1),
                headers: json
            )
            #expect(large.status == 413 && large.text.contains("bytes are not taken"))
            let deep = String(repeating: "[", count: 100_000)
            #expect(try await client.post(path, deep, headers: json).status == 400)
        }
    }

    @Test func everyKindOfErrorHasAStatusOfItsOwn() {
        for code in ErrorCode.allCases {
            let status = code.status.code
            #expect(
                (400..<500).contains(status) || [503, 507].contains(status) || code == .bug || code == .torch,
                "\(code)"
            )
        }
        #expect(ErrorCode.unsafeID.status == .forbidden && ErrorCode.digest.status == .conflict)
    }

    @Test func connectionsLeaveRoomForFiles() {
        #expect(ServerLimits(descriptors: 1024, used: 40).connections == 256)
        #expect(ServerLimits(descriptors: 256, used: 40).connections == 96)
        #expect(ServerLimits(descriptors: 40, used: 17).connections == 4)
        #expect(ServerLimits(descriptors: .max, used: 0).connections == 256)
        #expect(ServerLimits(descriptors: 0, used: 40).connections == 4)
    }
}
