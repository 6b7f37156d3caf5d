import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

/// What records may make `wsi verify` read, and what it reads that has no digest.
@Suite struct VerifyPathTests {
    private let job: SmallJob

    init() throws { job = try SmallJob() }

    private func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: job.file(path).path, withDestinationPath: target)
    }

    @Test(arguments: ["/etc/hostname", "../slides/a.svs", "thumbnails/../../slides/a.svs", "thumbnails//a.jpg", "./a"])
    func aPathThatIsNoneOfTheJobIsRefusedAndNotRead(_ path: String) throws {
        try job.change("tile", "a") { $0.outputs[path] = "0" }
        let (faults, status) = try job.faults()
        #expect(faults == ["refused \(path)"] && status == .refused)
        let finding = try #require(try job.verified().findings.first)
        #expect(finding.code == .unsafeID && finding.message.hasPrefix("outcomes/tile/a.json names it: "))
    }

    @Test func aStudyMayNotNameFilesElsewhereEither() throws {
        let file = job.file("training/m/study.json")
        var study = try CanonicalJSON.read(TrainedStudy.self, from: file)
        study.files?["../../../slides/a.svs"] = "0"
        try AtomicFile.write(study.sealed(), to: file)
        let (faults, status) = try job.faults()
        #expect(faults == ["refused training/m/../../../slides/a.svs"] && status == .refused)
    }

    @Test func aLinkOutOfTheJobIsNotFollowedAndOneInsideIs() throws {
        try FileManager.default.moveItem(at: job.file("thumbnails"), to: job.file("pictures"))
        try link("thumbnails", to: "pictures")
        #expect(try job.faults() == ([], .ok))
        try FileManager.default.moveItem(at: job.file("pictures"), to: job.scratch.file("outside"))
        try job.remove("thumbnails")
        try link("thumbnails", to: job.scratch.file("outside").path)
        #expect(try job.faults() == (["refused thumbnails/a.jpg", "refused thumbnails/b.jpg"], .refused))
        try job.remove("thumbnails")
        try FileManager.default.moveItem(at: job.scratch.file("outside"), to: job.file("thumbnails"))
        try job.remove("thumbnails/a.jpg")
        try link("thumbnails/a.jpg", to: job.slides.appending(path: "a.svs").path)
        #expect(try job.faults() == (["refused thumbnails/a.jpg"], .refused))
        try job.remove("thumbnails/a.jpg")
        try link("thumbnails/a.jpg", to: "nowhere")
        #expect(try job.faults() == (["missing thumbnails/a.jpg"], .integrity))
    }

    @Test func aRecordThatIsALinkOutOfTheJobIsNotRead() throws {
        let record = job.file("outcomes/tile/a.json")
        try FileManager.default.moveItem(at: record, to: job.scratch.file("a.json"))
        try link("outcomes/tile/a.json", to: job.scratch.file("a.json").path)
        #expect(try job.faults() == (["refused outcomes/tile/a.json"], .refused))
    }

    @Test func aJobIsFoundThroughALinkToItself() throws {
        let link = job.scratch.file("link")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: job.layout.root)
        let report = try Verification(layout: JobLayout(root: link)).run(progress: { _ in })
        #expect(report.findings.isEmpty && report.counts.files == 23, "\(report.findings)")
    }

    @Test func theWorkOfReadersAndTheTablesOfMachinesAreReadAndBelieved() throws {
        let decisions = "review/decisions/a.jsonl"
        let good = #"{"slide":"a","reviewer":"r","time":"t","verdict":"agree","text":"","marks":[]}"#
        try AtomicFile.write("\(good)\n\(good)\n", to: job.file(decisions))
        #expect(try job.faults() == ([], .ok))
        try AtomicFile.write("\(good)\n{\"slide\n\(good.replacing("\"a\"", with: "\"b\""))\n", to: job.file(decisions))
        let report = try job.verified()
        #expect(report.findings.map(\.message) == ["line 2 is no decision", "line 3 is a decision about b"])
        #expect(report.exitStatus(strict: false) == .integrity && report.counts.damaged == 1)
        try job.remove(decisions)
        for path in ["audit/runs/1.json", "audit/slides/1.json", "audit/features.json", "audit/predictions/m.json"] {
            try AtomicFile.write("[1]", to: job.file(path))
            #expect(try job.faults() == (["damaged \(path)"], .integrity))
            try job.remove(path)
        }
    }

    @Test func slidesAreComparedWhereThatIsWanted() throws {
        let slide = job.slides.appending(path: "a.svs")
        #expect(try job.faults(slides: true) == ([], .ok))
        #expect(try job.verified(slides: true).counts.files == 25)
        try AtomicFile.write("another", to: slide)
        #expect(try job.faults(slides: true) == (["damaged \(slide.path)"], .integrity))
        try FileManager.default.removeItem(at: slide)
        #expect(try job.faults(slides: true) == (["missing \(slide.path)"], .integrity))
        #expect(try job.faults() == ([], .ok))
        try job.remove("audit/slides")
        #expect(try job.verified(slides: true).notes == ["where 2 slide(s) lie is not on record: a, b"])
    }
}
