import Config
import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Pipeline

@Suite struct StagingRequestTests {
    @Test(arguments: [
        ("50G", 50_000_000_000), ("1.5 TB", 1_500_000_000_000), ("500m", 500_000_000), ("2GiB", 2 << 30), ("7", 7),
        ("7 b", 7),
    ])
    func sizesAreReadAsPeopleWriteThem(_ text: String, _ bytes: Int) { #expect(ByteSize(text)?.bytes == bytes) }

    @Test(arguments: ["", "G", "0", "-1G", "1e3", "nan", "1 GG", "1 Gx", "50%", "99999999999P", "0.1"])
    func whatIsNoSizeIsRefused(_ text: String) { #expect(ByteSize(text) == nil) }

    @Test func sizesAreShownShort() {
        #expect(
            [12, 1_500, 2_000_000, 1_500_000_000, 999e9.whole].map(ByteSize.text) == [
                "12 bytes", "1.5 kB", "2.0 MB", "1.5 GB", "999 GB",
            ]
        )
    }

    @Test func whatDoesNotGoTogetherIsAUsageError() throws {
        for request in [
            StagingRequest(folder: nil, size: "5G", command: nil),
            StagingRequest(folder: nil, size: nil, command: "cp {from} {to}"),
            StagingRequest(folder: "/x", size: "much", command: nil),
            StagingRequest(folder: "/x", size: nil, command: "cp {from}"),
        ] { #expect(#expect(throws: Failure.self) { try request.check() }?.code == .usage) }
        #expect(try StagingRequest(folder: nil, size: nil, command: nil).staging() == nil)
    }

    @Test func aConfigsCommandWaitsForConsentAndTheUsersOwnNeedsNone() throws {
        let scratch = try Scratch()
        let store = TrustStore(at: scratch["trusted.json"])
        var stage = StagingConfig()
        stage.command = "cp {from} {to}"
        let command = try #require(StudyCommand(stage, of: scratch["study.json"]))
        guard case .refused(let failure) = try command.client(by: store) else {
            Issue.record("it may run")
            return
        }
        #expect(failure.code == .untrusted && failure.code.exitStatus == .refused)
        #expect(failure.message.contains("wsi stage trust study.json"))
        try command.trust(in: store)
        guard case .command(let client) = try command.client(by: store) else {
            Issue.record("it may not run")
            return
        }
        #expect(client.words == ["cp", "{from}", "{to}"])
        // Another command is another program.
        stage.command = "cp -r {from} {to}"
        #expect(try StudyCommand(stage, of: scratch["study.json"])?.isTrusted(by: store) == false)
        #expect(StudyCommand(StagingConfig(), of: scratch["study.json"]) == nil)
    }

    @Test func settingsAreReadWhereTheyAre() throws {
        let scratch = try Scratch()
        let environment = ["XDG_CONFIG_HOME": scratch.folder.path]
        #expect(try UserSettings.read(environment: environment).stage == nil)
        try scratch.write(#"{"stage": {"command": "get {from} {to}"}}"#, to: "wsi/settings.json")
        #expect(try UserSettings.read(environment: environment).stage?.command == "get {from} {to}")
        for wrong in [#"{"stages": {}}"#, #"{"stage": {"command": "get"}}"#, "{"] {
            try scratch.write(wrong, to: "wsi/settings.json")
            #expect(throws: ConfigError.self) { try UserSettings.read(environment: environment) }
        }
    }

    @Test func aRecordedCommandLineHoldsNoSecret() {
        let words = [
            "tile", "https://me:hidden@h/x.svs?sig=hidden", "--stage-command", "get -H 'k: hidden' {from} {to}",
            "--stage-command=get hidden {from} {to}", "--out", "job",
        ]
        #expect(
            StageCommandLine.shown(words)
                == ["tile", "https://h/x.svs", "--stage-command", "…", "--stage-command=…", "--out", "job"]
        )
    }
}
