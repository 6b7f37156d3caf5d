import Foundation
import Testing

/// `scripts/gpu-check` where there is no GPU.
@Suite struct GPUCheckTests {
    private static let scripts = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts").standardizedFileURL

    private func python(_ words: [String]) throws -> (exit: Int32, said: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-B"] + words
        process.currentDirectoryURL = Self.scripts
        let said = Pipe()
        (process.standardOutput, process.standardError) = (said, said)
        try process.run()
        let text = String(decoding: said.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test func itsPartsDoWhatTheySay() throws {
        let result = try python(["-m", "unittest", "gpu.tests"])
        #expect(result.exit == 0, "\(result.said)")
    }

    @Test(arguments: [
        (["--device", "tpu"], "cuda, cuda:N or cpu is wanted"),
        (["--device", "cpu"], "on the processor there is only --tiny"),
        (["--device", "cpu", "--tiny", "--only", "nonsense"], "--only: nonsense is none of machine, "),
    ])
    func whatItCannotDoIsSaid(_ words: [String], _ said: String) throws {
        let result = try python(["gpu-check"] + words)
        #expect(result.exit == 2 && result.said.contains(said), "\(result.said)")
    }
}
