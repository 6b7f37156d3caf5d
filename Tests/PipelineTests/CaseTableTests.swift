import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

/// Tables with a row for each case: TCGA's, STAMP's, cBioPortal's.
@Suite struct CaseTableTests {
    private let scratch: Scratch
    private static let slides = [
        "TCGA-A6-2671-01Z-00-DX1.a", "TCGA-A6-2671-01Z-00-DX2.b", "TCGA-AA-3554-01Z-00-DX1.c", "other",
    ]

    init() throws { scratch = try Scratch() }

    private func read(
        _ table: String,
        _ config: String,
        slideTable: String? = nil,
        found: [String] = slides
    ) throws -> LabelTable {
        LabelTable(
            try scratch.add("clinical.csv", table),
            config: try JSONDecoder().decode(CohortConfig.self, from: Data("{\"labels\": \"l\", \(config)}".utf8)),
            slideTable: try slideTable.map { try scratch.add("slide.csv", $0) }
        ) { found.compactMap { try? SlideID($0) } }
    }

    private static let survival = #""target": "survival", "case_from": "tcga""#

    @Test func slidesOfTCGAFindTheirPatientsRow() throws {
        let table = try read(
            "id,bcr_patient_barcode,OS,OS.time\n1,TCGA-A6-2671,1,412\n2,tcga-aa-3554,0,8\n3,TCGA-ZZ-0001,1,0\n",
            Self.survival
        )
        // The row with a time of 0 has no slide, and stops nobody.
        #expect(table.problems.isEmpty, "\(table.problems)")
        #expect(table.cohort.slides.map(\.slide.text) == Array(Self.slides.prefix(3)))
        #expect(table.cohort.slides.map(\.caseID) == ["TCGA-A6-2671", "TCGA-A6-2671", "TCGA-AA-3554"])
        #expect(table.cohort.slides.compactMap(\.target.survival?.time) == [412, 412, 8])
        #expect(
            table.notes.contains {
                $0.contains("1 case(s) of clinical.csv have no slide") && $0.contains("TCGA-ZZ-0001")
            }
        )
        #expect(
            table.notes.contains { $0.contains("1 name(s) of slides begin with no barcode") && $0.contains("other") }
        )
    }

    @Test func aTimeOfNoneIsRefusedByThePatientsName() throws {
        let table = try read("patient,OS,OS.time\nTCGA-A6-2671,1,0\nTCGA-AA-3554,1,5\n", Self.survival)
        let problem = try #require(table.problems.first)
        #expect(
            problem.line == 2 && problem.message.contains("OS.time of 'TCGA-A6-2671' is '0'; a time above 0 is wanted")
        )
    }

    @Test func aTableOfSlidesTakesTheCaseFromTheirNames() throws {
        let table = try read(
            "slide_id,label\nTCGA-A6-2671-01Z-00-DX1.a,0\nTCGA-A6-2671-01Z-00-DX2.b,0\nTCGA-AA-3554-01Z-00-DX1.c,1\nplain,1\n",
            #""case_from": "tcga""#
        )
        #expect(table.problems.isEmpty && Set(table.cohort.slides.map(\.caseID)) == ["TCGA-A6-2671", "TCGA-AA-3554"])
        #expect(table.notes.contains { $0.contains("begin with no barcode of TCGA") && $0.contains("plain") })
    }

    /// Tables of samples and treatments repeat their patients.
    @Test func rowsOfOnePatientSayTheSame() throws {
        let repeated = "patient,label\nTCGA-A6-2671,0\nTCGA-A6-2671,0\nTCGA-AA-3554,1\n"
        #expect(try read(repeated, #""case_from": "tcga""#).problems.isEmpty)
        let other = try read(
            repeated.replacing("\nTCGA-AA", with: "\nTCGA-A6-2671,1\nTCGA-AA"),
            #""case_from": "tcga""#
        )
        #expect(other.problems.first?.message.contains("is 1 here but 0 on line 2") == true)
    }

    @Test func aTableWithoutBarcodesIsSaidToBeNone() throws {
        let table = try read("patient,label\np1,x\np2,y\n", #""case_from": "tcga""#)
        #expect(table.problems.first?.message.contains("no column has barcodes of TCGA") == true)
    }

    @Test func stampsTablesAreJoinedByPatient() throws {
        let table = try read(
            "PATIENT,isMSIH,AGE\np1,yes,60\np2,no,61\np3,,62\np9,no,63\n",
            #""slide_table": "slide.csv", "columns": {"label": "isMSIH"}"#,
            slideTable: "PATIENT,FILENAME\np1,sub/a.h5\np1,b.h5\np2,c.svs.h5\np3,d.h5\np7,e.h5\n"
        )
        #expect(table.problems.isEmpty, "\(table.problems)")
        #expect(table.cohort.slides.map(\.slide.text) == ["a", "b", "c.svs"])
        #expect(table.cohort.slides.map(\.caseID) == ["p1", "p1", "p2"] && table.cohort.classes == ["no", "yes"])
        #expect(table.slides(.unlabelled).map(\.text) == ["d"])
        #expect(
            table.notes.contains {
                $0.contains("1 case(s) of clinical.csv have no slide in slide.csv") && $0.contains("p9")
            }
        )
        #expect(
            table.notes.contains {
                $0.contains("1 case(s) of slide.csv have no row in clinical.csv") && $0.contains("p7")
            }
        )
    }

    @Test func aSlideOfTwoPatientsIsNamedWithItsTable() throws {
        let table = try read(
            "PATIENT,label\np1,x\np2,y\n",
            #""slide_table": "slide.csv""#,
            slideTable: "PATIENT,FILENAME\np1,a.h5\np2,a.h5\n"
        )
        let problem = try #require(table.problems.first)
        #expect(
            problem.file.hasSuffix("slide.csv") && problem.line == 3 && problem.message.contains("already on line 2")
        )
    }

    @Test func slideTableAndCaseFromExcludeEachOther() {
        #expect(throws: (any Error).self) {
            try read("PATIENT,label\n", #""slide_table": "s.csv", "case_from": "tcga""#)
        }
    }

    @Test func cBioPortalsTableIsRead() throws {
        let text = """
            #Patient Identifier\tOverall Survival Status\tOverall Survival (Months)
            #Identifier to uniquely specify a patient.\tOverall patient survival status.\tOverall survival in months.
            #STRING\tSTRING\tNUMBER
            #1\t1\t1
            PATIENT_ID\tOS_STATUS\tOS_MONTHS
            TCGA-A6-2671\t1:DECEASED\t12.5
            TCGA-AA-3554\t0:LIVING\t30

            """
        let days = try read(text, Self.survival)
        #expect(days.problems.first?.message.contains(#"give "time_unit": "months""#) == true)
        let table = try read(text, Self.survival + #", "time_unit": "months""#)
        #expect(table.problems.isEmpty, "\(table.problems)")
        #expect(table.cohort.slides.compactMap(\.target.survival).map(\.text) == ["12.5", "12.5", "30.0+"])
    }

    /// As German and French spreadsheets write numbers.
    @Test func decimalCommasAreReadWhereTheyAreNoThousands() throws {
        let table = try read(
            "PATIENT;time;event\np1;1,234;deceased\np2;0,5;alive\n",
            #""target": "survival", "slide_table": "slide.csv""#,
            slideTable: "PATIENT,FILENAME\np1,a\np2,b\n"
        )
        #expect(table.problems.isEmpty && table.cohort.slides.compactMap(\.target.survival?.time) == [1.234, 0.5])
        let thousands = try read(
            "PATIENT;time;event\np1;1,234;1\np2;12;0\n",
            #""target": "survival", "slide_table": "slide.csv""#,
            slideTable: "PATIENT,FILENAME\np1,a\np2,b\n"
        )
        #expect(thousands.problems.first?.message.contains("written with a point as decimal mark") == true)
    }

    @Test(arguments: [("PK\u{3}\u{4}rest", "workbook")])
    func aWorkbookIsRefusedWithTheExportToDo(content: String, word: String) throws {
        let table = try read(content, #""classes": null"#)
        let message = try #require(table.problems.first?.message)
        #expect(message.contains(word) && message.contains("CSV UTF-8") && message.contains("LibreOffice"))
    }

    @Test func aCaseKnowsALabelThatOneOfItsSlidesKnows() throws {
        let config = #""target": "labels", "unit": "case", "columns": {"labels": ["TP53", "KRAS"]}"#
        let joined = try read("slide_id,case_id,TP53,KRAS\na,p,1,\nb,p,,0\nc,q,0,1\n", config)
        #expect(joined.problems.isEmpty, "\(joined.problems)")
        #expect(try joined.cohort.byCase().slides.first?.target == .labels([true, false]))
        let torn = try read("slide_id,case_id,TP53,KRAS\na,p,1,\nb,p,0,0\nc,q,0,1\n", config)
        let problem = try #require(torn.problems.first)
        #expect(problem.line == 3 && problem.message.contains("case 'p' has TP53 no here but yes on line 2"))
    }
}

@Suite struct TCGABarcodeTests {
    @Test(arguments: [
        ("TCGA-A6-2671-01Z-00-DX1.13b", "TCGA-A6-2671"), ("tcga-a6-2671", "TCGA-A6-2671"),
        ("TCGA-A6-2671.svs", "TCGA-A6-2671"),
        ("TCGA-A6-26711", nil), ("TCGA-A6-267", nil), ("TARGET-30-PAAP", nil), ("xTCGA-A6-2671", nil),
        ("TCGA_A6_2671", nil),
        ("TCGA-Ä6-267", nil), ("", nil),
    ])
    func aPatientsBarcodeIsTwelveCharacters(name: String, patient: String?) {
        #expect(TCGABarcode.patient(name) == patient)
    }
}
