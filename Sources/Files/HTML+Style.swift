extension HTML {
    /// Dark on white, on screens and on A4.
    static let style = """
        body{margin:0;background:#fff;color:#1a1a1a;font:15px/1.45 system-ui,"Liberation Sans","DejaVu Sans",sans-serif}
        main{max-width:1080px;margin:0 auto;padding:1.2rem}
        h1{font-size:1.7rem;margin:.2rem 0}h2{font-size:1.2rem;margin:1.6rem 0 .5rem;border-bottom:1px solid #ccc}
        h3{font-size:1rem;margin:1rem 0 .3rem}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:0 0 .8rem}
        dt{color:#555}dd{margin:0;overflow-wrap:anywhere}
        table{border-collapse:collapse;margin:.4rem 0 .8rem;font-size:.87rem}
        th,td{padding:.2rem .6rem;border-bottom:1px solid #e3e3e3;text-align:left;vertical-align:top}
        table.words td,tbody th{overflow-wrap:anywhere;min-width:4em}
        thead th{border-bottom:1px solid #888;font-weight:600}tbody th{font-weight:400}
        table.numbers td,table.numbers thead th+th{text-align:right;font-variant-numeric:tabular-nums}
        table.numbers{font-size:.78rem}table.numbers th,table.numbers td{padding:.2rem .4rem}
        table.numbers td{white-space:pre}
        @media screen{table.numbers{display:block;max-width:100%;overflow-x:auto}
        table.numbers tbody th{overflow-wrap:break-word}}
        table.matrix td{text-align:center;border:1px solid #ddd;min-width:4rem}
        .charts{display:flex;flex-wrap:wrap;gap:.6rem}.charts svg{width:340px;height:300px}
        .note{color:#555;font-size:.87rem}
        .warning{border:2px solid #b00020;background:#fff1f2;padding:.6rem .8rem}
        figure{margin:.6rem 0}figure img{max-width:100%;height:auto;display:block}figcaption{color:#555;font-size:.87rem}
        .verdict{font-size:1.25rem;margin:.5rem 0;text-wrap:balance}.flag{color:#8a1f11}
        .headline{font-size:2.4rem;line-height:1.2;margin:.5rem 0 0}.headline small{font-size:1.15rem;color:#555}
        .lead{margin:.2rem 0 1.2rem}.readers td{white-space:pre-line}
        .readers tbody th{min-width:9em}.readers td:nth-child(2){white-space:nowrap}.readers td:last-child{width:52%}
        .row{display:flex;gap:.8rem}.row figure{min-width:0}
        @page{size:A4;margin:14mm}
        @media print{body{font-size:10pt}main{padding:0;max-width:none}h2{break-after:avoid;margin-top:4mm}
        tr,svg,figure{break-inside:avoid}h1,.verdict,.flag,.note{margin:1mm 0}.verdict{font-size:1.1rem}
        .first{display:flex;flex-direction:column;max-height:266mm;break-inside:avoid}.first>div:first-child{flex:none}
        .row{gap:3mm;margin-top:2mm;flex:0 1 auto}.row+.row{flex-shrink:3}
        .first figure{display:flex;flex-direction:column;margin:0;min-height:0}.first figcaption{text-align:center}
        .first .frame{flex:1;min-height:0;position:relative}
        .first .frame img{position:absolute;width:100%;height:100%;max-height:none;object-fit:contain}
        figure img{max-height:116mm;width:auto;margin:0 auto}dl{font-size:.8rem}
        .charts svg{width:58mm;height:51mm}table{font-size:.7rem}table.numbers{font-size:.52rem}
        table.numbers th,table.numbers td{padding:.15rem .25rem}}
        """
}
