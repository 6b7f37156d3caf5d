import Files
import Foundation
import Records
import Sample
import Storage
import TestSupport
import Testing

/// Slides that kill, hang or starve the process that reads them.
@Suite struct PoisonTests {
    /// How each poisoned slide ends, by the word that its name begins with.
    private static let ends = [
        "abort": ErrorCode.workerSignal, "crash": .workerSignal, "huge": .workerMemory, "loop": .workerTimeout,
        "torn": .slideOpen,
    ]

    private let scratch: Scratch
    private let slide: Data
    private var job: String { scratch["job"].path }

    init() throws {
        scratch = try Scratch()
        let options = PyramidOptions(levels: 1)
        let image = try PixelArray(size: PixelSize(width: 640, height: 640), red: 190, green: 90, blue: 160)
        try PyramidWriter.write(image, to: scratch["slide.svs"], options: options)
        slide = try Data(contentsOf: scratch["slide.svs"])
    }

    /// Compiles the library that reading processes load before any other.
    private func preload() throws -> [String: String] {
        let library = scratch["poison.so"].path
        let source = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "poison.c").path
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        compiler.arguments = ["clang", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0)
        return ["LD_PRELOAD": library]
    }

    private func add(_ name: String, _ content: Data) throws {
        try AtomicFile.write(content, to: scratch["slides/\(name).svs"])
    }

    private func outcomes() throws -> [Outcome] {
        try Scratch.tree(scratch["job/outcomes/tile"]).sorted { $0.key < $1.key }
            .map { try JSONDecoder().decode(Outcome.self, from: $0.value) }
    }

    @Test func tenPoisonedSlidesOfAHundredCostThemselvesAlone() throws {
        for number in 1...90 { try add("good_\(number)", slide) }
        for (word, _) in Self.ends {
            for number in 1...2 { try add("\(word)_\(number)", word == "torn" ? slide.prefix(slide.count / 3) : slide) }
        }
        let arguments = ["tile", scratch["slides"].path, "--out", job, "--workers", "4"]
        let result = try Command.run(arguments + ["--slide-timeout", "4"], environment: preload())
        #expect(result.exit == 3)
        #expect(result.errors.contains("tile: 100 slides: 90 ok, 0 empty, 10 failed"), "\(result.errors)")
        let found = try outcomes()
        #expect(found.count == 100)
        for outcome in found where outcome.status == .failed {
            let name = outcome.unit.text
            #expect(outcome.failure?.code == Self.ends[String(name.prefix { $0 != "_" })], "\(name)")
            let lines = result.errorLines.filter { $0.contains("] \(name):") }
            #expect(lines == ["wsi: \(try #require(outcome.failure))"])
        }
        #expect(found.count { $0.status == .failed } == 10)
        #expect(!Scratch.tree(scratch["job"]).keys.contains { $0.hasSuffix(".tmp") })
        #expect(result.errorLines.count == 10)

        // Where the fault was the machine's, the same slides are tried again, and only they.
        let again = try Command.run(arguments + ["--from-failed"])
        #expect(again.exit == 3)
        #expect(again.errors.contains("tile: 10 slides: 8 ok, 0 empty, 2 failed"), "\(again.errors)")
        #expect(try outcomes().filter { $0.status == .failed }.map(\.unit.text) == ["torn_1", "torn_2"])
    }

    @Test func aLibraryThatEndsTheProcessIsNoBugOfTheProgram() throws {
        try add("good", slide)
        try add("quit", slide)
        let result = try Command.run("tile", scratch["slides"].path, "--out", job, environment: preload())
        #expect(result.exit == 3)
        #expect(result.errorLines.count == 1)
        #expect(result.errorLines.first?.hasPrefix("wsi: error[E_WORKER_EXIT] quit: ") == true)
    }
}
