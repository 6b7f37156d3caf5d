import Foundation
import TestSupport
import Testing

@testable import Pipeline

@Suite struct TimeSpanTests {
    @Test(arguments: [
        ("5400", 5400.0), ("90m", 5400), ("2h30m", 9000), ("1:30:00", 5400), ("1-12:00:00", 129_600), ("59:30", 3570),
        ("0", 0), ("10s", 10), ("1d", 86400), ("1d2h3m4s", 93784), ("1.5h", 5400), ("2-3", 183_600), ("1-00:30", 88200),
        ("120:00:00", 432_000), ("90:00", 5400), ("1H", 3600),
    ])
    func spansAreReadAsPeopleAndSlurmWriteThem(text: String, seconds: Double) {
        #expect(TimeSpan(text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", " ", "-5", "1:75", "1:2", "1:00:60", "1:2:3:4", "m", "5x", "30m2h", "1h1h", "1.h", "1-24:00:00", "1-", "٣",
        "1e3",
        "99999999999", "999999999999999999999999h", "9999999-00:00:00", "none", "UNLIMITED", "5 m", "0x10", "1:30:00h",
    ])
    func whatIsNoSpanIsRefused(text: String) { #expect(TimeSpan(text) == nil) }
}

@Suite struct JobTimeTests {
    private let scratch: Scratch

    init() throws {
        signal(SIGPIPE, SIG_IGN)
        scratch = try Scratch()
    }

    private func time(
        squeue: String? = nil,
        _ environment: [String: String],
        patience: Duration = .seconds(600)
    ) async throws -> JobTime {
        if let squeue { _ = try scratch.program("squeue", squeue) }
        let own = environment.merging(["PATH": scratch.folder.path]) { $1 }
        return await JobTime(environment: own, now: 1_800_000_000, patience: patience)
    }

    @Test func theEndOfTheJobIsKnownFromItsVariable() async throws {
        let time = try await time(squeue: "echo 5:00", ["SLURM_JOB_ID": "7", "SLURM_JOB_END_TIME": "1800003600"])
        #expect((time.left?.seconds, time.origin, time.notes) == (3600, "SLURM_JOB_END_TIME", []))
    }

    @Test(arguments: ["", "tomorrow", "-1", "1799999999", "0"])
    func whatTheVariableSaysThatCannotBeIsLeftToSqueue(text: String) async throws {
        let time = try await time(squeue: "echo 5:00", ["SLURM_JOB_ID": "7", "SLURM_JOB_END_TIME": text])
        #expect((time.left?.seconds, time.origin) == (300, "squeue"))
        #expect(time.notes.count == (text.isEmpty ? 0 : 1) && time.notes.allSatisfy { $0.contains("it is not used") })
    }

    @Test(arguments: [
        ("1-02:03:04", 93784.0), ("59:59", 3599), ("UNLIMITED", nil), ("NOT_SET", nil), ("10:00\\n5:00\\n1:00:00", 300),
    ])
    func squeueIsUnderstood(said: String, seconds: Double?) async throws {
        let time = try await time(squeue: "printf '\(said)\\n'", ["SLURM_JOB_ID": "7"])
        #expect((time.left?.seconds, time.notes) == (seconds, []))
    }

    @Test(arguments: ["echo INVALID", "echo rubbish", "true", "echo 5:00; exit 1", "kill -9 $$", "echo 5:00 or so"])
    func whatSqueueSaysThatIsNoTimeIsNoted(script: String) async throws {
        let time = try await time(squeue: script, ["SLURM_JOB_ID": "7"])
        #expect(time.left == nil && time.notes.count == 1, "\(time.notes)")
        #expect(time.notes.first?.hasPrefix("squeue -h -j 7 -o %L said ") == true)
    }

    /// Its child holds its stdout longer than it lives.
    @Test func aControllerThatDoesNotAnswerIsAskedNoLonger() async throws {
        let start = ContinuousClock.now
        let time = try await time(squeue: "/bin/sleep 30", ["SLURM_JOB_ID": "7"], patience: .milliseconds(300))
        #expect(time.left == nil && time.notes.first?.contains("did not end within") == true)
        #expect(ContinuousClock.now - start < .seconds(25))
    }

    @Test func aTaskOfAnArrayAsksForItself() async throws {
        let script = "[ \"$3\" = 9_4 ] && echo 1:00 || echo 2:00"
        let time = try await time(
            squeue: script,
            ["SLURM_JOB_ID": "13", "SLURM_ARRAY_JOB_ID": "9", "SLURM_ARRAY_TASK_ID": "4"]
        )
        #expect(time.left?.seconds == 60)
    }

    @Test(arguments: [[:], ["SLURM_JOB_ID": "7; rm -rf /"], ["SLURM_JOB_ID": ""]])
    func withoutAJobNobodyIsAsked(environment: [String: String]) async throws {
        let time = try await time(squeue: "echo 5:00", environment)
        #expect(time.left == nil && time.notes.isEmpty)
    }

    @Test func withoutSqueueNobodyIsAsked() async throws {
        let time = try await time(["SLURM_JOB_ID": "7"])
        #expect(time.left == nil && time.notes.isEmpty)
    }
}
