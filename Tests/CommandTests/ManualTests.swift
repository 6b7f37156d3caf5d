import Foundation
import Testing

/// The manual page, which `make install` makes of the help.
@Suite struct ManualTests {
    private let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../scripts/manual")
        .standardizedFileURL.path

    @Test func everyCommandAndItsFlagsAreInTheManual() throws {
        let page = try Command.run([Command.programs.appending(path: "wsi").path], of: script)
        #expect(page.exit == 0, "\(page.errors)")
        let lines = page.output.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix(".TH WSI 1 ") == true)
        for command in ["info", "check", "config", "tile", "train", "encoder trust", "review", "init", "run"] {
            #expect(lines.contains(".SS wsi \(command)"), "\(command)")
        }
        #expect(page.output.contains(#"\fB\-\-min\-tissue\fR \fI"#))
        #expect(page.output.contains(".TP\n\\fB75\\fR\n"))
        // What begins with a dot or a quote is a request of roff's: only those that the script makes.
        let requests = Set(lines.filter { $0.hasPrefix(".") || $0.hasPrefix("'") }.map { $0.prefix { $0 != " " } })
        #expect(requests == [".TH", ".SH", ".SS", ".PP", ".TP", ".EX", ".EE"])
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func completionsAreThereForEveryShell(shell: String) throws {
        let script = try Command.run("--generate-completion-script", shell)
        #expect(script.exit == 0)
        #expect(script.output.contains("min-tissue") && script.output.contains("review"))
    }
}
