import Foundation
import Testing

/// `scripts/recipe-test` without a training.
@Suite struct RecipeCheckTests {
    private static let scripts = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts").standardizedFileURL

    private static func python(_ words: [String]) throws -> (exit: Int32, said: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-B"] + words
        process.currentDirectoryURL = scripts
        let said = Pipe()
        (process.standardOutput, process.standardError) = (said, said)
        try process.run()
        let text = String(decoding: said.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    private static let hasNumPy = (try? python(["-c", "import numpy"]).exit) == 0

    @Test(.enabled(if: hasNumPy, "python3 has no numpy"))
    func itsPartsDoWhatTheySay() throws {
        let result = try Self.python(["-m", "unittest", "recipe.tests"])
        #expect(result.exit == 0, "\(result.said)")
    }

    @Test(.enabled(if: hasNumPy, "python3 has no numpy"))
    func whatItCannotDoIsSaid() throws {
        let unknown = try Self.python(["recipe-test", "--part", "nonsense"])
        #expect(unknown.exit == 2 && unknown.said.contains("nonsense is none of fresh, musk, "), "\(unknown.said)")
        let absent = try Self.python(["recipe-test", "--program", "/none"])
        #expect(absent.exit == 2 && absent.said.contains("/none/wsi is not there; run make build"), "\(absent.said)")
    }
}
