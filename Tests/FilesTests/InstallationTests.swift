import Files
import Foundation
import Records
import TestSupport
import Testing

@Suite struct InstallationTests {
    @Test(
        arguments: [
            ("/opt/w s:i/lib/wsi/ld-linux-x86-64.so.2", "/opt/w s:i/bin/wsi", true),
            ("/opt/wsi/bin/wsi", "/opt/wsi/bin/wsi", false),
            // Started with the host's loader by hand.
            ("/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", false),
        ]
    )
    func whatRunsIsStartedAgainByItsStarter(file: String, executable: String, isCarried: Bool) {
        let installation = Installation(running: file)
        #expect(installation.executable == executable)
        #expect(installation.isCarried == isCarried)
    }

    @Test func whatAnInstallationBringsAlongIsFoundFromItsRoot() throws {
        let scratch = try Scratch()
        let carried = Installation(running: scratch["lib/wsi/ld-linux-x86-64.so.2"].path)
        #expect(carried.share("leaflet") == nil && carried.manifest == nil)
        try scratch.write("", to: "share/wsi/leaflet/leaflet.js")
        #expect(carried.share("leaflet")?.path == scratch["share/wsi/leaflet"].path)
        #expect(
            Installation(running: scratch["bin/wsi"].path).share("leaflet")?.path == scratch["share/wsi/leaflet"].path
        )
    }

    @Test func missingAndChangedFilesAreNamed() throws {
        let scratch = try Scratch()
        let installation = Installation(running: scratch["bin/wsi"].path)
        var lines = ""
        for name in ["bin/wsi", "lib/a b.so", "lib/c.so"] {
            let file = try scratch.write(name, to: name)
            lines += "\(try Digest.sha256(fileAt: file))  \(name)\n"
        }
        try scratch.write(lines, to: "MANIFEST.sha256")
        let manifest = try #require(installation.manifest)
        #expect(try InstalledFiles(of: installation, manifest: manifest).wrong == [])
        try scratch.write("other", to: "lib/a b.so")
        try FileManager.default.removeItem(at: scratch["lib/c.so"])
        let files = try InstalledFiles(of: installation, manifest: manifest)
        #expect(files.wrong == ["lib/a b.so", "lib/c.so"])
        #expect(files.count == 3)
    }

    @Test(arguments: ["", "no digest\n", String(repeating: "0", count: 64) + " *bin/wsi\n"])
    func whatIsNoManifestIsRefused(text: String) throws {
        let scratch = try Scratch()
        let manifest = try scratch.write(text, to: "MANIFEST.sha256")
        let installation = Installation(running: scratch["bin/wsi"].path)
        #expect(throws: StorageError.self) { try InstalledFiles(of: installation, manifest: manifest) }
    }
}
