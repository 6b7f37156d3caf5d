import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

/// Cases p1 (slides a, b), p2 (c), p3 (d), p4 (e).
@Suite struct SplitFilesTests {
    private let scratch: Scratch
    private let labels: LabelTable

    init() throws {
        scratch = try Scratch()
        let text = "slide_id,case_id,label\na,p1,x\nb,p1,x\nc,p2,y\nd,p3,x\ne,p4,y\n"
        labels = LabelTable(
            try scratch.add("labels.csv", text),
            config: try JSONDecoder().decode(CohortConfig.self, from: Data(#"{"labels": "l"}"#.utf8))
        )
    }

    private func read(_ text: String, as name: String = "split.csv") throws -> SplitFiles {
        try scratch.add(name, text)
        return SplitFiles(name, in: scratch.folder, labels: labels)
    }

    private func split(_ train: [String], _ validation: [String], _ test: [String], fold: Int = 0) throws -> Split {
        func ids(_ names: [String]) throws -> [SlideID] { try names.map { try SlideID($0) } }
        return Split(fold: fold, train: try ids(train), validation: try ids(validation), test: try ids(test))
    }

    @Test(arguments: [
        (",train,val,test\n0,a,c,e\n1,b,,\n2,d,,\n", "split.csv"),
        (
            ",train,val,test\na,True,False,False\nb,True,False,False\nc,False,True,False\nd,True,False,False\ne,False,False,True\n",
            "split.csv"
        ),
        ("slide_id,split\na,train\nb,train\nc,val\nd,Training\ne,test\n", "split.csv"),
        ("a,train\nb,train\nc,validation\nd,train\ne,test\n", "split.csv"),
        ("p1,a,x,train\np1,b,x,train\np2,c,y,val\np3,d,x,train\np4,e,y,test\n", "split.csv"),
        (#"{"train_names": ["a", "b", "d"], "val_names": ["c"], "test_names": ["e"]}"#, "split.json"),
    ])
    func everyFormGivesTheSameSplit(text: String, name: String) throws {
        let files = try read(text, as: name)
        #expect(files.problems.isEmpty && files.notes.isEmpty)
        #expect(files.splits == [try split(["a", "b", "d"], ["c"], ["e"])])
    }

    @Test func whatIsWrittenForCLAMReadsBackAsItself() throws {
        let split = try split(["a", "b", "d"], ["c"], ["e"])
        #expect(split.clamTable == ",train,val,test\n0,a,c,e\n1,b,,\n2,d,,\n")
        #expect(try read(split.clamTable).splits == [split])
    }

    @Test func aPatternGivesFoldsInNaturalOrder() throws {
        for fold in [0, 2, 9, 10] {
            let test = ["a", "c", "d", "e"][[0, 2, 9, 10].firstIndex(of: fold) ?? 0]
            let rest = ["a", "c", "d", "e"].filter { $0 != test }
            try scratch.add(
                "splits_\(fold).csv",
                "slide_id,split\n\(test),test\n" + rest.map { "\($0),train\n" }.joined()
            )
        }
        let files = SplitFiles("splits_*.csv", in: scratch.folder, labels: labels)
        #expect(files.splits.map(\.fold) == [0, 1, 2, 3])
        #expect(files.splits.flatMap(\.test).map(\.text) == ["a", "c", "d", "e"])
        #expect(files.notes == ["1 labelled slide(s) are in no split and are left out: b"])
    }

    /// CLAM writes each split three times.
    @Test func clamsBooleansAndCountsAreNoFurtherFolds() throws {
        try scratch.add("splits_0.csv", ",train,val,test\n0,a,c,e\n")
        try scratch.add("splits_0_bool.csv", ",train,val,test\na,True,False,False\n")
        try scratch.add("splits_0_descriptor.csv", ",train,val,test\nx,1,0,0\n")
        #expect(SplitFiles("splits_*.csv", in: scratch.folder, labels: labels).splits.count == 1)
        #expect(SplitFiles("splits_0_bool.csv", in: scratch.folder, labels: labels).problems.count == 1)
    }

    @Test func aCaseOnTwoSidesIsLeakageWithItsLine() throws {
        let found = try read("slide_id,split\na,train\nc,train\nb,test\ne,test\n").problems
        #expect(found.map(\.code) == [.leakage])
        #expect(found.map(\.line) == [4])
        #expect(found[0].message == "case 'p1' is in test and in train (line 2); keep a case on one side")
        #expect(StudyProblems(problems: found).exitStatus == .refused)
    }

    private func labels(_ names: [String]) throws -> LabelTable {
        let rows = names.enumerated().map { "\($0.element),p\($0.offset),\($0.offset % 2 == 0 ? "x" : "y")\n" }
        return LabelTable(
            try scratch.add("labels.csv", "slide_id,case_id,label\n" + rows.joined()),
            config: try JSONDecoder().decode(CohortConfig.self, from: Data(#"{"labels": "l"}"#.utf8))
        )
    }

    /// pandas reads a column with blanks as floating-point numbers.
    @Test func numbersThatCLAMWroteAsFloatsAreTheIdsThatTheyWere() throws {
        try scratch.add("splits_0.csv", ",train,val,test\n0,1000.0,1002.0,1003.0\n1,1001.0,,\n")
        let files = SplitFiles(
            "splits_0.csv",
            in: scratch.folder,
            labels: try labels(["1000", "1001", "1002", "1003"])
        )
        #expect(files.problems.isEmpty)
        #expect(files.splits == [try split(["1000", "1001"], ["1002"], ["1003"])])
        #expect(
            files.notes == ["4 id(s) in the split files are numbers such as 1000.0; they are taken as 1000 and so on"]
        )
    }

    @Test func aFloatThatMayBeTwoIdsIsNone() throws {
        try scratch.add("splits_0.csv", ",train,val,test\n0,1.0,2.0,3.0\n")
        let files = SplitFiles("splits_0.csv", in: scratch.folder, labels: try labels(["1", "01", "2", "3"]))
        #expect(
            files.problems.first?.message
                == "slide '1.0' is not in labels.csv; it would match as 1 instead of 1.0"
        )
        #expect(files.problems.first?.line == 2)
    }

    @Test func manyUnknownSlidesAreOneProblemThatSaysWhatWouldHelp() throws {
        let rows = (1...40).map { "\($0),\($0 % 4 == 0 ? "test" : "train")\n" }.joined()
        try scratch.add("split.csv", "slide_id,split\n" + rows)
        let names = (1...40).map { String(repeating: "0", count: 5 - "\($0)".count) + "\($0)" }
        let found = SplitFiles("split.csv", in: scratch.folder, labels: try labels(names)).problems
        #expect(
            found.first?.message
                == "40 slides are not in labels.csv: '1' (line 2), '2' (line 3), '3' (line 4), …; "
                + "all 40 would match with leading zeros"
        )
        #expect((found.first?.line, found.first?.count) == (2, 40))
    }

    @Test func idsMayHaveTheEndingOfTheSlidesFile() throws {
        let files = try read("slide_id,split\na.svs,train\nb.SVS,train\nc.ndpi,val\nd,train\ne.tif,test\n")
        #expect(files.problems.isEmpty)
        #expect(files.splits == [try split(["a", "b", "d"], ["c"], ["e"])])
    }

    @Test func allThatIsWrongIsReportedAtOnce() throws {
        let found = try read("slide_id,split\na,train\nzz,train\na,train\n").problems
        #expect(found.map(\.line) == [3, 4, nil])
        #expect(
            found.map(\.message) == [
                "slide 'zz' is not in labels.csv", "slide 'a' is already in train (line 2)", "the test part is empty",
            ]
        )
        #expect(StudyProblems(problems: found).exitStatus == .usage)
        #expect(try read("slide_id,split\na,trian\n").problems.map(\.line) == [2])
        #expect(SplitFiles("none*.csv", in: scratch.folder, labels: labels).problems.map(\.code) == [.notFound])
    }

    /// As Patho-Bench's `k=all.tsv`.
    @Test func aTableWithAColumnForEachFoldGivesAllOfThem() throws {
        let files = try read(
            "case_id\tslide_id\tlabel\tfold_10\tfold_2\np1\ta\tx\ttrain\ttest\np1\tb\tx\ttrain\ttest\np2\tc\ty\ttest\ttrain\n"
                + "p3\td\tx\tval\ttrain\np4\te\ty\t\ttrain\n",
            as: "k=all.tsv"
        )
        #expect(files.problems.isEmpty, "\(files.problems)")
        #expect(
            files.splits
                == [try split(["c", "d", "e"], [], ["a", "b"]), try split(["a", "b"], ["d"], ["c"], fold: 1)]
        )
        let torn = try read("case_id,slide_id,fold_0\np1,a,train\np1,b,test\np2,c,train\n")
        #expect(torn.problems.contains { $0.code == .leakage && $0.message.hasPrefix("fold_0: case 'p1'") })
        let odd = try read("slide_id,fold_0\na,train\nc,perhaps\n")
        #expect(odd.problems.first?.message.contains("fold_0 'perhaps' is none of train, val, test") == true)
    }
}
