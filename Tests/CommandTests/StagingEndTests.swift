import Foundation
import TestSupport
import Testing

@testable import Files

/// How commands with a stage end: by signals, with the client's own children, and with what stages may be that are none.
@Suite struct StagingEndTests {
    private let scratch: Scratch
    private var stage: String { scratch["stage"].path }

    init() throws { scratch = try Scratch() }

    private func client(_ script: String) throws -> String {
        try scratch.write("#!/bin/sh\n\(script)\n", to: "client")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch["client"].path)
        return "\(scratch["client"].path) {from} {to}"
    }

    private func tile(_ flags: String..., environment: [String: String] = [:]) throws -> Command {
        let list = try scratch.write("wsi\ns3://b/a.svs\n", to: "list.csv").path
        return try Command.run(
            ["tile", "--list", list, "--out", scratch["job"].path] + flags,
            environment: environment
        )
    }

    private func number(in file: String) -> pid_t? {
        (try? String(contentsOf: scratch[file], encoding: .utf8))
            .flatMap { pid_t($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }

    /// ^C reaches the command's group, in which its client is not; another signal the command alone.
    @Test(arguments: [(SIGINT, true), (SIGTERM, false), (SIGHUP, false)])
    func aSignalEndsTheClientWithAllThatItHasStarted(signal: Int32, isOfGroup: Bool) throws {
        let command = try client(
            """
            sh -c 'trap "" INT TERM; sleep 600' & echo $! > '\(scratch["child"].path)'
            echo half > "$2"; echo $PPID > '\(scratch["parent.part"].path)'
            mv '\(scratch["parent.part"].path)' '\(scratch["parent"].path)'
            wait
            """
        )
        let list = try scratch.write("wsi\ns3://b/a.svs\n", to: "list.csv").path
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/setsid")
        let start = ["--wait", "/usr/bin/env", "--default-signal=HUP,INT,TERM"]
        process.arguments =
            start + [
                Command.programs.appending(path: "wsi").path, "tile", "--list", list, "--out", scratch["job"].path,
            ]
            + ["--stage", stage, "--stage-command", command]
        (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, FileHandle.nullDevice)
        process.standardError = FileHandle.nullDevice
        try process.run()
        var parent: pid_t?
        while parent == nil, process.isRunning {
            parent = number(in: "parent")
            usleep(2000)
        }
        let wsi = try #require(parent)
        kill(isOfGroup ? -wsi : wsi, signal)
        process.waitUntilExit()
        #expect(process.terminationStatus == 128 + signal)
        let child = try #require(number(in: "child"))
        #expect(ProcessState.of(child)?.hasEnded != false)
        #expect(scratch.inside("stage").isEmpty)
        #expect(!FileManager.default.fileExists(atPath: scratch["job/outcomes/tile/a.json"].path))
    }

    @Test func aStageThatIsNoneIsOneLine() throws {
        let command = try client("exit 1")
        try scratch.write("x", to: "file")
        try FileManager.default.createSymbolicLink(at: scratch["loop"], withDestinationURL: scratch["loop"])
        for stage in ["file", "file/deep", "loop"].map({ scratch[$0].path }) + ["/proc/wsi-stage"] {
            let end = try tile("--stage", stage, "--stage-command", command)
            #expect(end.exit != 0 && end.errorLines.count == 1, "\(stage): \(end.errors)")
            #expect(end.errors.contains("--stage: \(stage)"), "\(stage): \(end.errors)")
        }
    }

    /// The program as a config, the settings and a user may name it.
    @Test func aProgramThatCannotRunIsOneLine() throws {
        try scratch.write("#!/bin/sh\n", to: "no x")
        for program in [
            "'\(scratch["no x"].path)'", scratch["none"].path, scratch.folder.path, "./none", "no-such-client",
        ] {
            let end = try tile("--stage", stage, "--stage-command", "\(program) {from} {to}")
            #expect(end.exit == 2 && end.errorLines.count == 1, "\(program): \(end.errors)")
            #expect(end.errors.contains("--stage-command"), "\(program): \(end.errors)")
        }
        let environment = ["XDG_CONFIG_HOME": scratch["settings"].path]
        try scratch.write(#"{"stage": {"command": "./get.sh {from} {to}"}}"#, to: "settings/wsi/settings.json")
        let relative = try tile("--stage", stage, environment: environment)
        #expect(relative.exit == 2 && relative.errors.contains("give the full path"), "\(relative.errors)")
        #expect(scratch.inside("stage").isEmpty)
    }

    /// In settings and configs that are wrong in each way, and in what a client says.
    @Test(arguments: [
        #"{"stage": {"command": "get -H PLANTED1 {from}"}}"#, #"{"stage": {"command": "get 'PLANTED1 {from} {to}"}}"#,
        #"{"stage": "get PLANTED1 {from} {to}"}"#, #"{"stage": {"command": ["PLANTED1"]}}"#,
        #"{"stage": {"command": "get PLANTED1 {from} {to}",}}"#, #"{"stage": {"command": "get PLANTED1 {from} {to}"}"#,
        #"{"stage": {"command": "get \x PLANTED1 {from} {to}"}}"#,
        #"{"stage": {"command": "KEY=PLANTED1 get {from} {to}"}}"#,
        #"{"stage": {"command": "/bin/echo PLANTED1 {from} {to}"}}"#,
        #"{"stage": {"command": "/bin/cat --key=PLANTED1{from} {to}"}}"#,
        #"{"stage": {"command": "/bin/cat https://me:PLANTED1@h/{from} {to}"}}"#,
    ])
    func keysInTheSettingsStandNowhere(settings: String) throws {
        try scratch.write(settings, to: "settings/wsi/settings.json")
        let environment = ["XDG_CONFIG_HOME": scratch["settings"].path]
        let end = try tile("--stage", stage, environment: environment)
        #expect(end.exit != 0 && end.errorLines.count >= 1, "\(end.errors)")
        let doctor = try Command.run("doctor", environment: environment)
        for text in [end.errors, end.output, doctor.errors, doctor.output] {
            #expect(!text.contains("PLANTED1"), "\(text)")
        }
        for (path, data) in Scratch.tree(scratch["job"]) {
            #expect(data.range(of: Data("PLANTED1".utf8)) == nil, "\(path)")
        }
    }

    @Test func anAddressWhereAPathIsWantedIsShownWithoutItsSecrets() throws {
        let address = "https://me:PLANTED1@h/labels.csv?sig=PLANTED1"
        for cohort in [#""slides": "\#(address)", "labels": "l.csv""#, #""slides": "s", "labels": "\#(address)""#] {
            try scratch.write("slide_id,label\na,1\n", to: "l.csv")
            let study = try scratch.write(#"{"cohort": {\#(cohort)}, "model": {"kind": "abmil"}}"#, to: "study.json")
            let end = try Command.run("check", "--config", study.path)
            #expect(end.exit == 2 && !"\(end)".contains("PLANTED1"), "\(end)")
        }
        let list = try Command.run("tile", "--list", address, "--out", scratch["job"].path)
        #expect(list.exit == 2 && !"\(list)".contains("PLANTED1"), "\(list)")
    }
}

extension Scratch {
    fileprivate func inside(_ folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: self[folder].path)) ?? []
    }
}
