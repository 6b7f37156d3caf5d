import Foundation
import Records
import Storage
import Synchronization
import Testing

@testable import Config
@testable import Files
@testable import Pipeline

@Suite struct StageTests {
    private static let paint = StageName("paint")

    @Test func whatIsMissingIsDoneAndWhatIsDoneIsLeftAlone() async throws {
        let bench = try Workbench()
        let first = try await bench.run([bench.unit("b"), bench.unit("a")])
        #expect(first.worked == ["b", "a"])
        #expect(first.result.outcomes.map(\.unit.text) == ["a", "b"])
        #expect(first.result.outcomes.first?.outputs.keys.sorted() == ["paintings/a.txt"])
        let second = try await bench.run([bench.unit("b"), bench.unit("a"), bench.unit("c")])
        #expect(second.worked == ["c"])
        #expect(second.result.outcomes.map(\.unit.text) == ["a", "b", "c"])
        #expect((second.result.report.cached, second.result.report.ok, second.result.report.units) == (2, 3, 3))
    }

    @Test func aStageWithNothingToDoDoesNotCallItsWork() async throws {
        let bench = try Workbench()
        let unit = try bench.unit("a")
        try await bench.run([unit])
        let result = try await bench.stage.run(bench.stage.plan([unit]), progress: { _ in }) { _, _ in
            Issue.record("there was nothing to do")
        }
        #expect(result.report.summary() == "paint: 1 slide: 1 ok, 0 empty, 0 failed (all already done)")
    }

    @Test func theOutcomeIsOnDiskAsSoonAsItIsRecorded() async throws {
        let bench = try Workbench()
        let unit = try bench.unit("a")
        let stage = bench.stage
        _ = try await stage.run(stage.plan([unit]), progress: { _ in }) { waiting, record in
            #expect(try Stage.outcome(of: unit.id, stage: Self.paint, in: stage.layout) == nil)
            let outcome = Outcome(unit: unit.id, stage: Self.paint, status: .empty, fingerprint: unit.fingerprint)
            try record(outcome)
            #expect(try Stage.outcome(of: unit.id, stage: Self.paint, in: stage.layout) == outcome)
        }
        #expect(try Stage.outcomes(stage: Self.paint, in: stage.layout).map(\.status) == [.empty])
        #expect(try stage.plan([unit]).waiting.isEmpty)
    }

    @Test func anOutputThatChangedOrIsGoneIsMadeAgain() async throws {
        let bench = try Workbench()
        let units = [try bench.unit("a"), try bench.unit("b"), try bench.unit("c")]
        try await bench.run(units)
        let original = try Data(contentsOf: bench.output(units[0]))
        try AtomicFile.write("tampered", to: bench.output(units[0]))
        try FileManager.default.removeItem(at: bench.output(units[1]))
        #expect(try await bench.run(units).worked == ["a", "b"])
        #expect(try Data(contentsOf: bench.output(units[0])) == original)
    }

    @Test func anOutcomeThatCannotBeReadCountsAsMissing() async throws {
        let bench = try Workbench()
        let unit = try bench.unit("a")
        try await bench.run([unit])
        try AtomicFile.write("{", to: bench.stage.layout.outcome(stage: Self.paint, unit.id))
        #expect(try await bench.run([unit]).worked == ["a"])
    }

    @Test func whatWasSeenIsBelievedOnlyToFindThatNothingIsLeftToDo() async throws {
        var bench = try Workbench()
        let unit = try bench.unit("a")
        let outcome = try #require(try await bench.run([unit]).result.outcomes.first)
        let (path, digest) = try #require(outcome.outputs.first)
        // A disk that loses a byte changes neither sizes nor times, as if this file had not been touched since it was seen.
        let file = bench.output(unit)
        let text = try String(contentsOf: file, encoding: .utf8)
        try AtomicFile.write(String(text.dropLast()) + "!", to: file)
        let facts = try #require(FileFacts(file.path))
        let line = "\(digest)\t\(facts.bytes)\t\(facts.number)\t\(facts.written)\t\(facts.changed)\t\(path)\n"
        let table = bench.stage.layout.audit(.seen).appending(path: "all.tsv")
        try AtomicFile.write("\(line)\(Digest.sha256(Data(line.utf8)))\n", to: table)
        bench.stage.settings.selection = Selection()
        #expect(try bench.stage.plan([unit]).done.count == 1)
        // Who makes something of it compares every byte, whatever the table says.
        var asked: [Bool] = []
        let other = try bench.unit("b")
        let plan = try bench.stage.plan([other]) { _, scrutiny in
            if case .digest = scrutiny { asked.append(true) } else { asked.append(false) }
            return try outcome.refusal(in: bench.stage.layout, scrutiny)
        }
        #expect(asked == [false, true] && plan.waiting.isEmpty && plan.refused.count == 1)
        #expect(plan.refused.first?.remedy.hasSuffix(" --redo") == true)
        bench.stage.settings.redo = true
        #expect(try await bench.run([unit]).worked == ["a"])
    }

    @Test func aLookWritesNothing() async throws {
        let bench = try Workbench()
        let unit = try bench.unit("a")
        try await bench.run([unit])
        let seen = bench.stage.layout.audit(.seen)
        _ = try bench.stage.plan([unit])
        #expect(try !RegularFile.exists(seen))
    }

    @Test func aFailedUnitIsTriedAgainEvenWithOtherParameters() async throws {
        let bench = try Workbench()
        let first = try await bench.run([bench.unit("a"), bench.unit("b")], failing: ["a"])
        #expect(first.result.report.failures == [Failure(.slideCorrupt, "a", "torn")])
        #expect(first.result.report.exitStatus == .partial)
        #expect(try bench.stage.plan([bench.unit("a", mpp: "1.0")]).waiting.count == 1)
        #expect(try await bench.run([bench.unit("a"), bench.unit("b")]).worked == ["a"])
    }

    @Test func anotherConfigurationsResultStandsAndTheKeysThatDifferAreNamed() async throws {
        let bench = try Workbench()
        try await bench.run([bench.unit("a"), bench.unit("b"), bench.unit("c")])
        let units = [try bench.unit("a"), try bench.unit("b", mpp: "1.0"), try bench.unit("c", mpp: "2.0")]
        let error = try #require(throws: Failure.self) { try bench.stage.plan(units) }
        #expect((error.code, error.subject) == (.fingerprint, "b"))
        #expect(error.code.exitStatus.rawValue == 4)
        #expect(error.message.contains("(and 1 more)"))
        #expect(error.message.contains("mpp 0.5, now 1.0"))
        #expect(error.message.contains("--redo"))
    }

    @Test func redoReplacesExactlyWhatDiffers() async throws {
        var bench = try Workbench()
        try await bench.run([bench.unit("a"), bench.unit("b"), bench.unit("c")])
        bench.stage.settings.redo = true
        let units = [try bench.unit("a"), try bench.unit("b", mpp: "1.0"), try bench.unit("c", slide: "bb")]
        #expect(try await bench.run(units).worked == ["b", "c"])
        #expect(try await bench.run(units).worked == [])
    }

    @Test func changedInputsAreRedoneOnlyWhereTheCallerSaysSo() async throws {
        var bench = try Workbench()
        try await bench.run([bench.unit("a")])
        let changed = try bench.unit("a", slide: "bb")
        let error = try #require(throws: Failure.self) { try bench.stage.plan([changed]) }
        #expect(error.code == .fingerprint)
        #expect(error.message.contains("slide changed;"))
        bench.stage.settings.redoChangedInputs = true
        #expect(try await bench.run([changed]).worked == ["a"])
        // That permission is no permission to replace another configuration's results.
        #expect(throws: Failure.self) { try bench.stage.plan([bench.unit("a", mpp: "1.0", slide: "bb")]) }
    }

    private func refusal(_ unit: Stage.Unit, _ cause: Refusal.Cause) -> Refusal {
        Refusal(unit: unit.id, cause: cause, reason: "its colours are dry", remedy: "buy others")
    }

    @Test func unitsWhoseInputsCannotBeUsedFailAloneAndNothingOfThemIsTouched() async throws {
        let bench = try Workbench()
        let units = [try bench.unit("a"), try bench.unit("b"), try bench.unit("c"), try bench.unit("d")]
        try await bench.run([units[0]])
        let plan = try bench.stage.plan(units) { unit, _ in unit.id == units[3].id ? nil : refusal(unit, .damage) }
        #expect(plan.waiting.map(\.id.text) == ["d"])
        let said = Mutex<[String]>([])
        let result = try await bench.stage.run(
            plan,
            progress: { event in if case .refused(let failure) = event { said.withLock { $0.append("\(failure)") } } },
            work: { waiting, record in
                for unit in waiting {
                    try record(Outcome(unit: unit.id, stage: Self.paint, status: .empty, fingerprint: unit.fingerprint))
                }
            }
        )
        #expect(result.report.failures.map(\.code) == [.digest, .digest, .digest])
        #expect(result.report.exitStatus == .integrity && result.report.empty == 1)
        #expect(
            said.withLock { $0 } == ["error[E_DIGEST] a: its colours are dry (so are 2 more: b, c); buy others"]
        )
        #expect(try Stage.outcome(of: units[0].id, stage: Self.paint, in: bench.stage.layout)?.status == .ok)
        #expect(try Stage.outcome(of: units[1].id, stage: Self.paint, in: bench.stage.layout) == nil)
    }

    @Test func aFaultOfTheMachineIsAFailureOfItsUnitAndLeavesWhatIsThere() async throws {
        let bench = try Workbench()
        try await bench.run([bench.unit("a")])
        let fault = Failure(.io, "x", "read: Input/output error")
        var units = [try bench.unit("a", slide: "unreadable"), try bench.unit("b", slide: "unreadable")]
        for index in units.indices { units[index].fault = fault.naming(units[index].id) }
        let (worked, result) = try await bench.run(units + [try bench.unit("c")])
        #expect(worked == ["c"])
        #expect(result.report.failures.map(\.subject) == ["a", "b"])
        #expect(result.report.exitStatus == .temporary && result.report.ok == 1)
        #expect(try Stage.outcome(of: units[0].id, stage: Self.paint, in: bench.stage.layout)?.status == .ok)
        #expect(try Stage.outcome(of: units[1].id, stage: Self.paint, in: bench.stage.layout)?.failure?.code == .io)
        // Once the disk is well, what stood is done and what failed is made.
        #expect(try await bench.run([bench.unit("a"), bench.unit("b")]).worked == ["b"])
    }

    @Test func anOutcomeThatTheDiskDoesNotGiveIsNotMissing() async throws {
        let bench = try Workbench()
        let unit = try bench.unit("a")
        let record = bench.stage.layout.outcome(stage: Self.paint, unit.id)
        try AtomicFile.createFolder(record.deletingLastPathComponent())
        try FileManager.default.createSymbolicLink(atPath: record.path, withDestinationPath: "/proc/self/mem")
        let (worked, result) = try await bench.run([unit, bench.unit("b")])
        #expect(worked == ["b"])
        #expect(result.report.failures.map(\.code) == [.io] && result.report.exitStatus == .temporary)
    }

    @Test func aRunThatHasMadeAgainWhatItCouldLeavesOldInputsOut() throws {
        var bench = try Workbench()
        let units = [try bench.unit("a"), try bench.unit("b")]
        let old = try bench.stage.plan(units) { unit, _ in unit.id == units[0].id ? refusal(unit, .age) : nil }
        #expect(old.refused.map(\.failure.code) == [.fingerprint] && old.leftOut.isEmpty)
        bench.stage.settings.redoChangedInputs = true
        let plan = try bench.stage.plan(units) { unit, _ in unit.id == units[0].id ? refusal(unit, .age) : nil }
        #expect(plan.refused.isEmpty && plan.leftOut.map(\.unit.text) == ["a"])
        #expect(plan.waiting.map(\.id.text) == ["b"])
    }

    @Test func ofTheSelectedUnitsOnlyThoseThatFailedInThisStageAreTriedAgain() async throws {
        var bench = try Workbench()
        let units = [try bench.unit("a"), try bench.unit("b"), try bench.unit("c")]
        try await bench.run([units[0], units[1]], failing: ["b"])
        bench.stage.settings.selection.fromFailed = true
        let second = try await bench.run(units)
        #expect(second.worked == ["b"])
        #expect(second.result.report.units == 1)
        #expect(try await bench.run(units).result.report.units == 0)
    }

    @Test func theShardsOfAStageAreItsUnits() async throws {
        var bench = try Workbench()
        let units = try (1...20).map { try bench.unit("slide_\($0)") }
        var worked: [[String]] = []
        for number in 1...3 {
            bench.stage.settings.selection.shard = Shard("\(number)/3")
            worked.append(try await bench.run(units).worked)
        }
        #expect(worked.flatMap(\.self).sorted() == units.map(\.id.text).sorted())
        #expect(worked.allSatisfy { !$0.isEmpty })
        bench.stage.settings.selection.shard = nil
        #expect(try bench.stage.plan(units).done.count == 20)
    }

    @Test func anErrorOfTheWorkKeepsWhatWasRecordedBefore() async throws {
        let bench = try Workbench()
        let units = [try bench.unit("a"), try bench.unit("b")]
        await #expect(throws: Failure(.io, nil, "gone")) {
            try await bench.stage.run(bench.stage.plan(units), progress: { _ in }) { waiting, record in
                try record(
                    Outcome(unit: units[0].id, stage: Self.paint, status: .empty, fingerprint: units[0].fingerprint)
                )
                throw Failure(.io, nil, "gone")
            }
        }
        #expect(try bench.stage.plan(units).waiting.map(\.id.text) == ["b"])
    }

    @Test func progressTellsOfEveryUnitOnce() async throws {
        let bench = try Workbench()
        try await bench.run([bench.unit("a")])
        let events = Mutex<[String]>([])
        let units = [try bench.unit("a"), try bench.unit("b")]
        let sink: ProgressSink = { event in
            events.withLock {
                switch event {
                case .began(let stage, let units, let done): $0.append("began \(stage) \(units) \(done)")
                case .finished(let unit, let failure): $0.append("finished \(unit) \(failure == nil)")
                case .ended(let report): $0.append("ended \(report.units)")
                case .refused(let failure): $0.append("refused \(failure)")
                case .planned, .advanced, .copying, .spent, .loaded, .used, .note: $0.append("other")
                }
            }
        }
        _ = try await bench.stage.run(bench.stage.plan(units), progress: sink) { waiting, record in
            for unit in waiting {
                try record(Outcome(unit: unit.id, stage: Self.paint, status: .empty, fingerprint: unit.fingerprint))
            }
        }
        #expect(events.withLock { $0 } == ["began paint 2 1", "finished b true", "ended 2"])
    }

    @Test func theParametersOfAConfigAreItsTopLevelKeys() throws {
        let parameters = try Fingerprint.parameters(of: TilingConfig())
        #expect(parameters["mpp"] == "0.5")
        #expect(parameters["mpp_from_tiff"] == "false")
        #expect(
            parameters["mask"]
                == #"{"background":"bright","close_um":32,"mask_mpp":8,"min_area_um2":40000,"min_hole_um2":40000}"#
        )
    }
}
