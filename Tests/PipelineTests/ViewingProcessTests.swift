import Foundation
import Messages
import Records
import Storage
import TestSupport
import Testing

@testable import Pipeline

/// `/bin/sh` in the role of a worker that has a slide open.
@Suite struct ViewingProcessTests {
    private let scratch: Scratch
    private let pyramid = TilePyramid(
        size: PixelSize(width: 512, height: 300),
        bounds: PixelRect(x: 0, y: 0, width: 512, height: 300)
    )
    private let tile = ViewQuestion.patch(x: 0, y: 0, side: 256)

    init() throws {
        signal(SIGPIPE, SIG_IGN)
        scratch = try Scratch()
    }

    private func viewing(_ script: String) throws -> ViewingProcess {
        ViewingProcess(
            ViewTask(slidePath: "/a.svs"),
            executable: try scratch.program("worker", "cd '\(scratch.folder.path)'; \(script)"),
            memoryLimit: 1 << 30,
            patience: .seconds(60)
        )
    }

    /// The hello and the first question are four lines, each question after them two.
    @Test func tilesComeAsTheyAreAskedForAndAFailureIsOfOneAlone() async throws {
        try scratch.add("opened", frames: Frame(.answer, pyramid))
        let jpeg = Data([0xFF, 0xD8, 0x0A, 0x00, 0xFF, 0xD9])
        try scratch.add("tile", frames: Frame(.image, jpeg))
        try scratch.add("failure", frames: Frame(.failure, Failure(.slideCorrupt, "a", "damaged there")))
        // The hello stands before each of these frames, and only the first one is a greeting.
        for name in ["tile", "failure"] {
            let bytes = try Data(contentsOf: scratch.file(name))
            try bytes.dropFirst(Frame.hello.count).write(to: scratch.file(name))
        }
        let viewing = try viewing(
            """
            ask() { read -r head; read -r question; }
            echo loading; cat opened; ask; ask; ask; cat tile; ask; cat failure; ask; cat tile; exec cat > /dev/null
            """
        )
        #expect(try await viewing.pyramid() == pyramid)
        #expect(try await viewing.image(tile) == jpeg)
        let failure = try await #require(throws: Failure.self) { try await viewing.image(tile) }
        #expect(failure == Failure(.slideCorrupt, "a", "damaged there"))
        #expect(try await viewing.image(tile) == jpeg)
        viewing.close()
    }

    @Test(arguments: [
        "kill -11 $$", "cat opened; kill -9 $$", "cat opened; printf 'image    000000ff\\nhalf'; exit 1",
        "cat opened; printf 'image    ffffffff\\n'; exec cat > /dev/null",
        "cat opened; printf 'image    00000001\\nmore\\n'; exec cat > /dev/null",
    ])
    func aWorkerThatIsGoneOrOutOfItsMindHasEnded(script: String) async throws {
        try scratch.add("opened", frames: Frame(.answer, pyramid))
        let viewing = try viewing(script)
        await #expect(throws: ViewingProcess.Ended.self) { try await viewing.image(tile) }
        viewing.close()
    }

    /// One that says another version, and one of before there were frames, which knows no such question.
    @Test(arguments: [
        #"printf 'hello    00000020\n{"release":"9.0.0","version":99}\n'; exec cat > /dev/null"#, "exit 2",
    ])
    func aWorkerOfAnotherBuildIsNotTheSlidesFault(script: String) async throws {
        let viewing = try viewing(script)
        for _ in 0..<2 {
            let failure = try await #require(throws: Failure.self) { try await viewing.image(tile) }
            #expect((failure.code, failure.subject) == (.usage, "worker"))
        }
        viewing.close()
    }
}
