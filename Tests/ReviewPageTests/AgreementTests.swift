import Evaluation
import Foundation
import Records
import Storage
import Testing

@testable import Files
@testable import ReviewPage

/// Which opinions of readers are compared, and with what.
@Suite struct AgreementTests {
    private static func isNear(_ value: Double?, _ wanted: Double, by distance: Double = 1e-12) -> Bool {
        value.map { abs($0 - wanted) < distance } ?? false
    }

    private static func opinion(
        _ reader: String,
        _ slide: Int,
        _ verdict: ReaderOpinion.Verdict = .read,
        _ name: String? = nil,
        kind: ReaderOpinion.Kind = .opinion,
        blinded: Bool = false,
        on called: String? = nil,
        of classes: [String] = ["normal", "tumor"],
        digest: String? = "now"
    ) throws -> ReaderOpinion {
        ReaderOpinion(
            reader: reader,
            slide: try SlideID("S\(slide)"),
            caseID: "C\(slide)",
            kind: kind,
            verdict: verdict,
            className: name,
            isBlinded: blinded,
            seen: called.map {
                .init(model: "acmil", digest: digest, called: digest == nil ? nil : $0, classes: classes)
            }
        )
    }

    private static func call(_ slide: Int, _ called: String) throws -> ModelCall {
        ModelCall(slide: try SlideID("S\(slide)"), caseID: "C\(slide)", model: "acmil", digest: "now", called: called)
    }

    @Test func aVerdictOnAResultIsAClass() throws {
        func standpoint(
            _ verdict: ReaderOpinion.Verdict,
            _ name: String? = nil,
            on called: String? = "tumor",
            of classes: [String] = ["normal", "tumor"],
            digest: String? = "now"
        ) throws -> ReaderOpinion.Standpoint {
            try Self.opinion("Ann", 1, verdict, name, on: called, of: classes, digest: digest).standpoint
        }
        #expect(try standpoint(.agree) == .named("tumor"))
        #expect(try standpoint(.disagree) == .named("normal"))
        #expect(try standpoint(.disagree, of: ["A", "B", "tumor"]) == .otherThan("tumor"))
        #expect(try standpoint(.disagree, "B", of: ["A", "B", "tumor"]) == .named("B"))
        #expect(try standpoint(.disagree, of: []) == .otherThan("tumor"))
        #expect(try standpoint(.unsure) == .unsure && standpoint(.unsure, digest: nil) == .unsure)
        #expect(try standpoint(.unsure, "normal") == .named("normal"))
        #expect(try standpoint(.read, "normal", on: nil) == .named("normal"))
        #expect(try standpoint(.agree, digest: nil) == .unknown && standpoint(.disagree, digest: nil) == .unknown)
    }

    /// Numbers, risks and sets of labels are no categories that κ could be of; that opinions on them differ is seen all the same.
    @Test func aVerdictOnANumberIsNoClass() throws {
        let (yes, no) = (
            try Self.opinion("Ann", 1, .agree, on: "3.4", of: ["amount"]),
            try Self.opinion("Bob", 1, .disagree, on: "3.4", of: ["amount"])
        )
        #expect(yes.standpoint == .ofNoClass("3.4") && yes.standpoint.category == nil)
        #expect(no.standpoint == .ofNoClass("other than 3.4"))
        let report = AgreementReport([yes, no], calls: [try Self.call(1, "3.4")])
        #expect(report.notes.contains { $0.contains("given on a number, a risk or a set of labels: left out of κ") })
        #expect(report.toAdjudicate.count == 1 && report.between.isEmpty)
        #expect(report.models.allSatisfy { $0.after?.kappa.value == nil && $0.after?.kappa.reason != nil })
    }

    @Test func twoReadersAreComparedByTheirLatestOpinionsOnSlidesOfBoth() throws {
        let (ann, bob) = ("Ann", "Bob")
        let report = AgreementReport(
            try [
                Self.opinion(ann, 1, .read, "normal"), Self.opinion(ann, 1, .read, "tumor"),
                Self.opinion(bob, 1, .read, "tumor"), Self.opinion(ann, 2, .read, "normal"),
                Self.opinion(bob, 2, .read, "normal"), Self.opinion(ann, 3, .read, "normal"),
                Self.opinion(bob, 3, .unsure), Self.opinion(ann, 4, .read, "normal"),
                Self.opinion(ann, 5, .agree, on: "tumor", digest: nil), Self.opinion(bob, 5, .read, "tumor"),
                Self.opinion(ann, 6, .disagree, on: "A", of: ["A", "B", "C"]), Self.opinion(bob, 6, .read, "B"),
                Self.opinion("Cy", 2, .read, "tumor", kind: .adjudication),
            ],
            calls: []
        )
        #expect(report.readers.map(\.name) == [ann, bob] && report.readers.map(\.slides) == [6, 5])
        #expect(report.slides == 6 && report.cases == 6)
        let all = try #require(report.between.first?.all)
        #expect(report.between.count == 1 && report.between[0].pairs.isEmpty && all.coefficient == .cohen)
        #expect(all.slides == 3 && all.categories == ["normal", "tumor", "unsure"])
        #expect(all.table == [[1, 0, 1], [0, 1, 0], [0, 0, 0]])
        #expect(all.raw.value == 2.0 / 3)
        // p_e = (2·1 + 1·1 + 0·1) / 9
        #expect(Self.isNear(all.kappa.value, 0.5))
        #expect(report.notes.count == 5, "\(report.notes)")
        #expect(report.notes.contains { $0.hasPrefix("2 of 11 latest opinions were given with a model's result") })
        #expect(report.notes.contains { $0.hasPrefix("1 opinion given for an unknown result") })
        #expect(report.notes.contains { $0.hasPrefix("1 opinion not called") })
        #expect(report.notes.contains { $0.hasPrefix("1 opinion unsure") })
        #expect(report.notes.contains { $0.hasPrefix("1 opinion given for another result of acmil") })
    }

    @Test func moreReadersHaveFleissKappaOfSlidesOfAllAndCohensOfEachPair() throws {
        var said: [ReaderOpinion] = []
        for (slide, words) in ["tt-", "nnt", "ttt", "nnn", "tn-"].enumerated() {
            for (reader, word) in zip(["Ann", "Bob", "Cy"], words) where word != "-" {
                said.append(try Self.opinion(reader, slide, .read, word == "t" ? "tumor" : "normal"))
            }
        }
        let between = try #require(AgreementReport(said, calls: []).between.first)
        #expect(between.all.coefficient == .fleiss && between.all.slides == 3 && between.all.table == nil)
        // P̄ = (1/3 + 1 + 1) / 3; of nine ratings four are tumor.
        let (raw, chance) = (7.0 / 9, 41.0 / 81)
        #expect(Self.isNear(between.all.raw.value, raw))
        #expect(Self.isNear(between.all.kappa.value, (raw - chance) / (1 - chance)))
        #expect(between.pairs.map(\.raters) == [["Ann", "Bob"], ["Ann", "Cy"], ["Bob", "Cy"]])
        #expect(between.pairs.map(\.slides) == [5, 3, 3] && between.pairs[0].raw.value == 0.8)
    }

    @Test func kappaOfOneClassIsNotDefinedAndSaysWhy() throws {
        func between(_ bob: [String]) throws -> AgreementComparison {
            let said = try bob.enumerated().flatMap { slide, name in
                try [Self.opinion("Ann", slide, .read, "normal"), Self.opinion("Bob", slide, .read, name)]
            }
            return try #require(AgreementReport(said, calls: []).between.first?.all)
        }
        let same = try between(["normal", "normal"])
        #expect(same.raw.value == 1 && same.kappa.value == nil && same.kappa.interval == nil)
        #expect(same.kappa.reason == "both say 'normal' of every slide, so chance explains all agreement")
        let constant = try between(["normal", "tumor", "normal"])
        #expect(constant.kappa.value == 0 && constant.kappa.interval == nil)
        #expect(constant.kappa.reason?.hasPrefix("Ann says 'normal' of every slide") == true)
        let apart = AgreementReport(
            try [Self.opinion("Ann", 1, .read, "A"), Self.opinion("Bob", 2, .read, "A")],
            calls: []
        )
        #expect(apart.between.first?.all.raw.reason == "no slide has a class of both")
        let json = try String(decoding: CanonicalJSON.line(apart), as: UTF8.self)
        #expect(json.contains(#""kappa":{"interval":null,"reason":"no slide has a class of both","value":null}"#))
        let nobody = AgreementReport([], calls: [])
        #expect(
            nobody.between.isEmpty && nobody.toAdjudicate.isEmpty && nobody.notes == ["no reader has an opinion yet"]
        )
    }

    @Test func readersAreComparedWithTheModelBeforeAndAfterTheySawIt() throws {
        let ann = "Ann"
        let said = try [
            // To the model's class, after a second blinded opinion that does not count.
            Self.opinion(ann, 1, .read, "normal", blinded: true), Self.opinion(ann, 1, .read, "tumor", blinded: true),
            Self.opinion(ann, 1, .disagree, on: "tumor"), Self.opinion(ann, 1, .agree, on: "tumor"),
            // Stays.
            Self.opinion(ann, 2, .read, "normal", blinded: true), Self.opinion(ann, 2, .agree, on: "normal"),
            // From it.
            Self.opinion(ann, 3, .read, "tumor", blinded: true), Self.opinion(ann, 3, .unsure, on: "tumor"),
            // Blinded only after the result was in sight: neither before nor after.
            Self.opinion(ann, 4, .agree, on: "normal"), Self.opinion(ann, 4, .read, "tumor", blinded: true),
            // Of an earlier result.
            Self.opinion(ann, 5, .read, "normal", blinded: true),
            Self.opinion(ann, 5, .agree, on: "tumor", digest: "then"),
            // Never saw it.
            Self.opinion("Bob", 1, .read, "tumor"),
        ]
        let calls = try [(1, "tumor"), (2, "normal"), (3, "tumor"), (4, "normal"), (5, "normal"), (6, "tumor")].map(
            Self.call
        )
        let report = AgreementReport(said, calls: calls)
        #expect(report.models.map(\.reader) == [ann] && report.models.map(\.model) == ["acmil"])
        let model = try #require(report.models.first)
        let before = try #require(model.before)
        #expect(before.raters == [ann, "acmil"] && before.slides == 4 && before.raw.value == 0.75)
        #expect(before.categories == ["normal", "tumor"] && before.table == [[2, 1], [0, 1]])
        let after = try #require(model.after)
        #expect(after.slides == 4 && after.raw.value == 0.75 && after.categories == ["normal", "tumor", "unsure"])
        #expect(after.table == [[2, 0, 0], [0, 1, 0], [0, 1, 0]])
        #expect(model.change == .init(slides: 3, toModel: 1, fromModel: 1, otherwise: 0))
        #expect(report.notes.contains { $0.hasPrefix("1 opinion given for another result of acmil than it has now") })
    }

    @Test func whatReadersDifferOnIsToBeAdjudicatedOnce() throws {
        let tumor = { (reader: String, slide: Int) in try Self.opinion(reader, slide, .read, "tumor") }
        let normal = { (reader: String, slide: Int) in try Self.opinion(reader, slide, .read, "normal") }
        let adjudication = { (slide: Int) in try Self.opinion("Cy", slide, .read, "tumor", kind: .adjudication) }
        let report = AgreementReport(
            try [
                tumor("Bob", 1), normal("Ann", 1),
                // Settled.
                tumor("Ann", 2), normal("Bob", 2), adjudication(2),
                // Differ again after it was settled.
                tumor("Ann", 3), normal("Bob", 3), adjudication(3), normal("Bob", 3),
                // Came to agree.
                tumor("Ann", 4), normal("Bob", 4), tumor("Bob", 4),
                // One is unsure.
                Self.opinion("Ann", 5, .unsure), normal("Bob", 5),
                // One is on a result that nobody knows any more; one reader alone.
                Self.opinion("Ann", 6, .agree, on: "tumor", digest: nil), normal("Bob", 6), tumor("Ann", 7),
                // Another class than the one that the other reader named.
                Self.opinion("Ann", 8, .disagree, on: "A", of: ["A", "B", "C"]), Self.opinion("Bob", 8, .read, "A"),
            ],
            calls: []
        )
        #expect(report.toAdjudicate.map(\.slide.text) == ["S1", "S3", "S5", "S8"])
        #expect(report.toAdjudicate[0].opinions.map { "\($0.reader): \($0.said)" } == ["Ann: normal", "Bob: tumor"])
        #expect(report.toAdjudicate[3].opinions.map(\.said) == ["other than A", "A"])
        #expect(report.toAdjudicate[0].caseID == "C1" && report.adjudicated == 1)
    }
}
