import Foundation
import Records
import Testing

private struct DiskError: ReportableError {
    var code: ErrorCode { .noSpace }
    var subject: String? { "/a\nb" }
    var message: String { "write: no space\r\nleft" }
}

private struct Stranger: Error {}

@Suite struct FailureTests {
    @Test func anErrorIsOneLine() {
        let failure = Failure(.slideCorrupt, "a\nb", "TIFF: bad\r\n\ndirectory\u{2028}entry\n")
        #expect(failure.description == "error[E_SLIDE_CORRUPT] a b: TIFF: bad directory entry")
    }

    @Test func aFailureWithoutSubjectBeginsWithItsMessage() {
        #expect(Failure(.usage, nil, "no slide given").description == "error[E_USAGE] no slide given")
    }

    @Test func aReportableErrorKeepsItsCodeAndItsOwnSubject() {
        let failure = Failure(DiskError(), subject: "slide-1")
        #expect(failure == Failure(.noSpace, "/a b", "write: no space left"))
    }

    @Test func anUnknownErrorIsABugAboutTheGivenSubject() {
        #expect(Failure(Stranger(), subject: "slide-1") == Failure(.bug, "slide-1", "Stranger()"))
    }

    @Test func aFailureSurvivesTheWayThroughJSON() throws {
        let failure = Failure(.mppMissing, "slide-1", "no µm per pixel; give --slide-mpp")
        #expect(try JSONDecoder().decode(Failure.self, from: JSONEncoder().encode(failure)) == failure)
    }
}

@Suite struct ErrorCodeTests {
    @Test func everyCodeHasItsDocumentedExitStatus() {
        let documented: [Records.ExitStatus: Set<String>] = [
            .bug: ["E_BUG", "E_TORCH"],
            .usage: ["E_USAGE", "E_CONFIG", "E_TABLE", "E_NOT_FOUND", "E_ACCESS"],
            .partial: [
                "E_SLIDE_OPEN", "E_SLIDE_FORMAT", "E_SLIDE_GEOMETRY", "E_SLIDE_CORRUPT", "E_MPP_MISSING",
                "E_MPP_IMPLAUSIBLE", "E_UPSAMPLING", "E_TOO_MANY_PATCHES", "E_WORKER_SIGNAL", "E_WORKER_MEMORY",
                "E_WORKER_EXIT", "E_WORKER_TIMEOUT", "E_BAG", "E_NONFINITE", "E_TRAINING", "E_DARK_BACKGROUND",
                "E_REGIONS", "E_COPY",
            ],
            .integrity: ["E_FILE", "E_FINGERPRINT", "E_DIGEST", "E_MISMATCH", "E_ENCODER"],
            .refused: ["E_UNSAFE_ID", "E_UNTRUSTED", "E_LEAKAGE"],
            .temporary: ["E_NOSPACE", "E_IO", "E_BUSY", "E_LIMIT", "E_TIME", "E_INCOMPLETE"],
            .interrupted: ["E_INTERRUPTED"],
        ]
        let found = Dictionary(grouping: ErrorCode.allCases, by: \.exitStatus).mapValues { Set($0.map(\.rawValue)) }
        #expect(found == documented)
    }

    /// Every pair is decided by this order, whichever of the two came first.
    @Test func theGravestOfSeveralStatusesIsReported() {
        let order: [Records.ExitStatus] = [
            .bug, .terminated, .quit, .interrupted, .hangup, .refused, .integrity, .usage, .temporary, .partial, .ok,
        ]
        for (place, graver) in order.enumerated() {
            for lighter in order[place...] {
                #expect(Records.ExitStatus.worst([graver, lighter]) == graver)
                #expect(Records.ExitStatus.worst([lighter, graver]) == graver)
            }
        }
        #expect(Records.ExitStatus.worst([]) == .ok)
        #expect(Records.ExitStatus.worst(order.reversed()) == .bug)
    }

    @Test func exitCodesAreThoseOfTheManual() {
        let statuses: [Records.ExitStatus] = [
            .ok, .bug, .usage, .partial, .integrity, .refused, .temporary, .hangup, .interrupted, .quit, .terminated,
        ]
        #expect(statuses.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 75, 129, 130, 131, 143])
    }
}
